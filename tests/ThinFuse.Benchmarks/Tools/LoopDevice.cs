namespace ThinFuse.Benchmarks.Tools;

/// <summary>A file as a block device, with direct I/O; detached when disposed.</summary>
internal sealed class LoopDevice : IDisposable
{
    private LoopDevice(string path) => Path = path;

    /// <summary>The device, such as /dev/loop3.</summary>
    public string Path { get; }

    /// <summary>Attaches a file. Needs root.</summary>
    public static LoopDevice Attach(string file, CancellationToken cancel) =>
        new(Shell.Run(cancel, "losetup", "--find", "--show", "--direct-io=on", file).Trim());

    public void Dispose() => Shell.Run(CancellationToken.None, "losetup", "--detach", Path);
}
