using System.Runtime.InteropServices;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transfers;

/// <summary>Carries out a plan on the calling thread, with pread and pwrite.</summary>
internal static unsafe class InlineMover
{
    /// <summary>Moves all segments in order.</summary>
    /// <returns>0, or the errno of the first failure, after which nothing more is moved.</returns>
    public static int Run(FuseTransferPlan plan, byte* data)
    {
        foreach (ref readonly FuseTransferSegment segment in plan.Segments)
        {
            int errno = plan.Direction == FuseTransferDirection.ToFiles ? Write(segment, data) : Read(segment, data);
            if (errno != 0)
            {
                return errno;
            }
        }

        return 0;
    }

    private static int Read(in FuseTransferSegment segment, byte* data)
    {
        byte* target = data + segment.BufferOffsetBytes;
        int doneBytes = 0;
        while (!segment.IsZero && doneBytes < segment.LengthBytes)
        {
            nint moved = Libc.ReadAt(
                segment.FileDescriptor, target + doneBytes, (nuint)(segment.LengthBytes - doneBytes), segment.FileOffsetBytes + doneBytes);
            if (moved == 0)
            {
                if (segment.MustBeWhole)
                {
                    return FuseErrno.EIO;
                }

                break;
            }

            if (moved < 0 && Marshal.GetLastPInvokeError() is int errno and not FuseErrno.EINTR)
            {
                return errno;
            }

            doneBytes += (int)Math.Max(moved, 0);
        }

        new Span<byte>(target + doneBytes, segment.LengthBytes - doneBytes).Clear();
        return 0;
    }

    private static int Write(in FuseTransferSegment segment, byte* data)
    {
        byte* source = data + segment.BufferOffsetBytes;
        int doneBytes = 0;
        while (doneBytes < segment.LengthBytes)
        {
            nint moved = Libc.WriteAt(
                segment.FileDescriptor, source + doneBytes, (nuint)(segment.LengthBytes - doneBytes), segment.FileOffsetBytes + doneBytes);
            if (moved == 0)
            {
                return FuseErrno.EIO;
            }

            if (moved < 0 && Marshal.GetLastPInvokeError() is int errno and not FuseErrno.EINTR)
            {
                return errno;
            }

            doneBytes += (int)Math.Max(moved, 0);
        }

        return 0;
    }
}
