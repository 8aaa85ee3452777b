using Microsoft.Win32.SafeHandles;
using ThinFuse.Benchmarks.Tools;
using ThinFuse.Fuse.Transfers;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary>The file behind the mount: O_DIRECT where its filesystem can, and an ordinary descriptor for what is not aligned.</summary>
internal sealed class ServedFile : IDisposable
{
    private const int SectorBytes = 512;

    private readonly SafeFileHandle _direct;
    private readonly bool _hasDirect;
    private readonly SafeFileHandle _cached;
    private long _sizeBytes;

    public ServedFile(string path)
    {
        _cached = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        SafeFileHandle? direct = LinuxFile.TryOpenDirect(path);
        _hasDirect = direct is not null;
        _direct = direct ?? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        LookAgain();
    }

    /// <summary>Its size when it was looked at last.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>Takes over a new size, such as of a file that was emptied for the next measurement.</summary>
    public void LookAgain() => Volatile.Write(ref _sizeBytes, RandomAccess.GetLength(_cached));

    /// <summary>Makes a transfer between the start of a request's data area and a range of the file its whole plan.</summary>
    public void AddTo(FuseTransferPlan plan, long offsetBytes, int lengthBytes)
    {
        bool isAligned = ((offsetBytes | (long)lengthBytes) & (SectorBytes - 1)) == 0;
        SafeFileHandle file = isAligned ? _direct : _cached;
        plan.Add((int)file.DangerousGetHandle(), offsetBytes, 0, lengthBytes, isDirect: isAligned && _hasDirect);
    }

    /// <summary>Makes what was written durable, in the way a node of a pool does.</summary>
    public void Flush() => LinuxFile.FlushData(_direct);

    public void Dispose()
    {
        _direct.Dispose();
        _cached.Dispose();
    }
}
