namespace ThinFuse.Daemon.Files.Handles;

/// <summary>A name in an open directory.</summary>
/// <param name="Name">UTF-8.</param>
/// <param name="NodeId">What it stands for.</param>
internal readonly record struct DirectoryItem(byte[] Name, ulong NodeId);
