using Microsoft.Win32.SafeHandles;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary>The file behind the mount: O_DIRECT where its filesystem can, and an ordinary descriptor for what is not aligned.</summary>
internal sealed class ServedFile : IDisposable
{
    private const int SectorBytes = 512;

    private readonly SafeFileHandle _direct;
    private readonly SafeFileHandle _cached;

    public ServedFile(string path)
    {
        _cached = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _direct = LinuxFile.TryOpenDirect(path) ?? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        SizeBytes = RandomAccess.GetLength(_cached);
    }

    /// <summary>Its size, which does not change while it is served.</summary>
    public long SizeBytes { get; }

    /// <summary>The descriptor for a transfer of that range.</summary>
    public int DescriptorFor(long offsetBytes, int lengthBytes)
    {
        bool isAligned = ((offsetBytes | (long)lengthBytes) & (SectorBytes - 1)) == 0;
        return (int)(isAligned ? _direct : _cached).DangerousGetHandle();
    }

    /// <summary>Makes what was written durable, in the way a node of a pool does.</summary>
    public void Flush() => LinuxFile.FlushData(_direct);

    public void Dispose()
    {
        _direct.Dispose();
        _cached.Dispose();
    }
}
