using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files.Handles;

/// <summary>A volume or snapshot that is open, shared by all its open files.</summary>
internal sealed class OpenVolume(VolumeHandle handle)
{
    /// <summary>The engine's handle; lives until the last file is released, also when the name is gone.</summary>
    public VolumeHandle Handle => handle;

    /// <summary>How many files are open on it. <see cref="OpenVolumes"/> guards it.</summary>
    public int OpenFiles { get; set; }
}
