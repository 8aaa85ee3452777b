using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>An open file whose operations answer as the kernel does: a result, or a negative errno.</summary>
internal sealed unsafe class RawFile : IDisposable
{
    private const uint NewFileMode = 0x1A4; // 0644
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int ZeroRange = 0x10;
    private const int SeekEndOrigin = 2;
    private const int SeekDataOrigin = 3;
    private const int SeekHoleOrigin = 4;

    private readonly SafeFileHandle _file;

    private RawFile(int descriptor) => _file = new SafeFileHandle(descriptor, ownsHandle: true);

    /// <summary>The descriptor's handle.</summary>
    public SafeFileHandle Handle => _file;

    /// <summary>Opens, or throws.</summary>
    public static RawFile Open(string path, int flags) =>
        TryOpen(path, flags, out int errno) ?? throw new IOException($"open {path}: {Marshal.GetPInvokeErrorMessage(errno)}");

    /// <summary>Opens, or says which errno.</summary>
    public static RawFile? TryOpen(string path, int flags, out int errno)
    {
        int descriptor = Posix.Open(path, flags | 0x80000, NewFileMode); // O_CLOEXEC
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new RawFile(descriptor);
    }

    /// <summary>One pread.</summary>
    public long Read(long offsetBytes, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Answer(Posix.Read(_file, start, (nuint)buffer.Length, offsetBytes));
        }
    }

    /// <summary>One pwrite.</summary>
    public long Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            return Answer(Posix.Write(_file, start, (nuint)data.Length, offsetBytes));
        }
    }

    /// <summary>fsync.</summary>
    public long Sync() => Answer(Posix.Sync(_file));

    /// <summary>ftruncate.</summary>
    public long Truncate(long lengthBytes) => Answer(Posix.Truncate(_file, lengthBytes));

    /// <summary>Makes a hole; the size stays.</summary>
    public long Punch(long offsetBytes, long lengthBytes) => Answer(Posix.Allocate(_file, PunchHole | KeepSize, offsetBytes, lengthBytes));

    /// <summary>Makes zeros; the size stays.</summary>
    public long Zero(long offsetBytes, long lengthBytes) => Answer(Posix.Allocate(_file, ZeroRange | KeepSize, offsetBytes, lengthBytes));

    /// <summary>The size.</summary>
    public long SeekEnd() => Answer(Posix.Seek(_file, 0, SeekEndOrigin));

    /// <summary>The first data at or behind an offset.</summary>
    public long SeekData(long offsetBytes) => Answer(Posix.Seek(_file, offsetBytes, SeekDataOrigin));

    /// <summary>The first hole at or behind an offset.</summary>
    public long SeekHole(long offsetBytes) => Answer(Posix.Seek(_file, offsetBytes, SeekHoleOrigin));

    /// <summary>One copy_file_range to another file.</summary>
    public long CopyTo(long offsetBytes, RawFile target, long targetOffsetBytes, long lengthBytes) =>
        Answer(Posix.CopyRange(_file, &offsetBytes, target._file, &targetOffsetBytes, (nuint)lengthBytes, 0));

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static long Answer(long result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;
}
