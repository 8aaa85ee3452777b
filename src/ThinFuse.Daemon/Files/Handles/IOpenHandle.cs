namespace ThinFuse.Daemon.Files.Handles;

/// <summary>What a handle given to the kernel stands for.</summary>
internal interface IOpenHandle;
