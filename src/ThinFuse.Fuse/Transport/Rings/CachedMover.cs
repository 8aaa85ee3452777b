using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>Carries out a plan on the calling thread as long as the page cache can, which is faster than any way around.</summary>
/// <remarks>
/// Where a filesystem cannot say beforehand that a write would wait (ext4 cannot), it is written all the same: into the page cache, which rarely
/// waits, and another thread would take longer than the write.
/// </remarks>
internal static unsafe class CachedMover
{
    /// <summary>Moves all segments, or gives up before it would wait.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="data">The request's data area.</param>
    /// <param name="errno">0, or the errno of a failure.</param>
    /// <returns>False when it would have to wait; any part may have moved, and all of it may be moved again.</returns>
    public static bool TryRun(FuseTransferPlan plan, byte* data, out int errno)
    {
        errno = 0;
        foreach (ref readonly FuseTransferSegment segment in plan.Segments)
        {
            byte* start = data + segment.BufferOffsetBytes;
            if (segment.IsZero)
            {
                new Span<byte>(start, segment.LengthBytes).Clear();
                continue;
            }

            if (segment.MayHoldUp)
            {
                return false;
            }

            nint moved = plan.Direction == FuseTransferDirection.ToFiles ? Write(segment, start) : Read(segment, start);
            if (moved == segment.LengthBytes)
            {
                continue;
            }

            // A short result is one that would have had to wait for the rest, or the end of the file: a worker finds out.
            errno = moved >= 0 ? FuseErrno.EAGAIN : Marshal.GetLastPInvokeError();
            return errno is not (FuseErrno.EAGAIN or FuseErrno.EINTR or FuseErrno.EOPNOTSUPP);
        }

        return true;
    }

    private static nint Read(in FuseTransferSegment segment, byte* target)
    {
        IoVector vector = new() { Address = target, LengthBytes = (nuint)segment.LengthBytes };
        return Libc.ReadAt(segment.FileDescriptor, &vector, 1, segment.FileOffsetBytes, Libc.DoNotWait);
    }

    private static nint Write(in FuseTransferSegment segment, byte* source)
    {
        IoVector vector = new() { Address = source, LengthBytes = (nuint)segment.LengthBytes };
        nint moved = Libc.WriteAt(segment.FileDescriptor, &vector, 1, segment.FileOffsetBytes, Libc.DoNotWait);
        return moved < 0 && Marshal.GetLastPInvokeError() == FuseErrno.EOPNOTSUPP
            ? Libc.WriteAt(segment.FileDescriptor, source, (nuint)segment.LengthBytes, segment.FileOffsetBytes)
            : moved;
    }
}
