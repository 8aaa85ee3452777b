namespace ThinFuse.EndToEnd.Harness;

/// <summary>A real filesystem of a few MiB for a pool to lie on: ext4 on a loop device of a file.</summary>
internal sealed class HostFilesystem : IDisposable
{
    private readonly string _device;
    private readonly LoopFilesystem _filesystem;

    /// <summary>Makes and mounts it.</summary>
    public HostFilesystem(Scratch scratch, string size)
    {
        Need.Loop();
        FilesystemKind.Ext4.Require();
        string disk = Path.Combine(scratch.NewDirectory("host"), "disk");
        Tool.Run("truncate", "--size", size, disk).MustSucceed();
        _device = Tool.Run("losetup", "--find", "--show", disk).MustSucceed().Text;
        _filesystem = new LoopFilesystem(_device, FilesystemKind.Ext4, scratch.NewDirectory("hostfs"));
        _filesystem.Make();
        _filesystem.Mount();
    }

    /// <summary>The path of a file in it.</summary>
    public string PathOf(string name) => _filesystem.PathOf(name);

    /// <summary>Makes it read-only under those who write to it, as a failed write of its own metadata does.</summary>
    public void Abort() => Tool.Run("mount", "-o", "remount,abort", _filesystem.MountPoint).MustSucceed();

    /// <summary>Unmounts it, and mounts it anew.</summary>
    public void Remount(string options = "rw")
    {
        _filesystem.Unmount();
        _filesystem.Mount(options);
    }

    /// <summary>Unmounts it; nothing of it is left.</summary>
    public void Dispose()
    {
        if (_filesystem.IsMounted)
        {
            _filesystem.Unmount();
        }

        Tool.Run("losetup", "--detach", _device).MustSucceed();
    }
}
