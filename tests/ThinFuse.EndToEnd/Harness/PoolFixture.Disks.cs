namespace ThinFuse.EndToEnd.Harness;

/// <summary>Loop devices and filesystems on its volumes.</summary>
internal sealed partial class PoolFixture
{
    private readonly List<LoopFilesystem> _filesystems = [];
    private readonly List<string> _devices = [];

    /// <summary>Makes a loop device of a volume or snapshot.</summary>
    public string Attach(string name)
    {
        ToolResult attached = IsElsewhere
            ? Tool.Run("losetup", "--find", "--show", "--direct-io=on", PathOf(name))
            : ThinFuseProgram.Run("attach", PathOf(name));
        string device = attached.MustSucceed().Text;
        _devices.Add(device);
        return device;
    }

    /// <summary>Detaches a loop device.</summary>
    public void Detach(string device)
    {
        ThinFuseProgram.Run("detach", device).MustSucceed();
        _devices.Remove(device);
    }

    /// <summary>Lets go of all loop devices, whatever became of the daemon.</summary>
    public void DetachAll()
    {
        foreach (string device in _devices.ToArray())
        {
            Tool.Run("losetup", "--detach", device).MustSucceed();
            _devices.Remove(device);
        }
    }

    /// <summary>A place to mount a filesystem from a device of this pool: a new one, or that given.</summary>
    public LoopFilesystem Filesystem(string device, FilesystemKind kind, string? mountPoint = null)
    {
        LoopFilesystem filesystem = new(device, kind, mountPoint ?? _scratch.NewDirectory(kind.Name));
        _filesystems.Add(filesystem);
        return filesystem;
    }
}
