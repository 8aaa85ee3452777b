namespace ThinFuse.EndToEnd.Harness;

/// <summary>A process that is stopped until this is disposed: a disk that it serves does not answer meanwhile.</summary>
internal sealed class StoppedProcess : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly int _pid;

    /// <summary>Stops it.</summary>
    public StoppedProcess(int pid)
    {
        _pid = pid;
        Posix.Kill(pid, Stop);
    }

    /// <summary>Has it go on.</summary>
    public void Dispose() => Posix.Kill(_pid, Continue);
}
