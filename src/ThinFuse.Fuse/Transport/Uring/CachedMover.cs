using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>Carries out a plan on the calling thread as long as the page cache can, which is faster than any way around.</summary>
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
            IoVector vector = new() { Address = data + segment.BufferOffsetBytes, LengthBytes = (nuint)segment.LengthBytes };
            if (segment.IsZero)
            {
                new Span<byte>(vector.Address, segment.LengthBytes).Clear();
                continue;
            }

            nint moved = plan.Direction == FuseTransferDirection.ToFiles
                ? Libc.WriteAt(segment.FileDescriptor, &vector, 1, segment.FileOffsetBytes, Libc.DoNotWait)
                : Libc.ReadAt(segment.FileDescriptor, &vector, 1, segment.FileOffsetBytes, Libc.DoNotWait);
            if (moved == segment.LengthBytes)
            {
                continue;
            }

            // A short result is one that would have had to wait for the rest, or the end of the file: a worker finds out.
            errno = moved >= 0 ? FuseErrno.EAGAIN : Marshal.GetLastPInvokeError();
            if (errno is FuseErrno.EAGAIN or FuseErrno.EINTR or FuseErrno.EOPNOTSUPP)
            {
                return false;
            }

            return true;
        }

        return true;
    }
}
