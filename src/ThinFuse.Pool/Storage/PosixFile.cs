using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Pool.Storage;

/// <summary>A regular file or block device of the host.</summary>
/// <remarks>
/// The handle counts its users, so a descriptor is never closed, and never given to another file, under a running call:
/// after Dispose new calls throw <see cref="ObjectDisposedException"/> and running ones finish.
/// </remarks>
internal sealed unsafe class PosixFile : IStorageFile
{
    private readonly SafeFileHandle _handle;
    private readonly Lock _flushLock = new();
    private int _flushErrno;

    internal PosixFile(string path, SafeFileHandle handle, bool isBlockDevice, int alignmentBytes)
    {
        Path = path;
        _handle = handle;
        IsBlockDevice = isBlockDevice;
        AlignmentBytes = alignmentBytes;
        IsRemote = !isBlockDevice && FilesystemType.IsRemote(handle);
    }

    public string Path { get; }

    public int AlignmentBytes { get; }

    public bool IsBlockDevice { get; }

    public bool IsRemote { get; }

    public int Descriptor => (int)_handle.DangerousGetHandle();

    public long LengthBytes
    {
        get
        {
            if (IsBlockDevice)
            {
                long lengthBytes;
                Check(LibC.IoCtl(_handle, LibC.BLKGETSIZE64, &lengthBytes), "size of");
                return lengthBytes;
            }
            // The position this moves is used by nobody: all I/O names its offset.
            long end = LibC.LSeek(_handle, 0, LibC.SEEK_END);
            Check(end < 0 ? -1 : 0, "size of");
            return end;
        }
    }

    public HostSpace Host
    {
        get
        {
            FileStatus file = default;
            Check(LibC.StatX(_handle, "", LibC.AT_EMPTY_PATH, FileStatus.Blocks, &file), "stat");
            if (IsBlockDevice)
            {
                return new HostSpace(0, long.MaxValue, LengthBytes);
            }

            FilesystemStatus host = default;
            Check(LibC.FStatVfs(_handle, &host), "stat filesystem of");
            ulong blocks = Environment.IsPrivilegedProcess ? host.FreeBlocks : host.AvailableBlocks;
            long availableBytes = host.TotalBlocks == 0 ? long.MaxValue : (long)Math.Min(blocks * host.BlockBytes, long.MaxValue);
            return new HostSpace(((ulong)file.DeviceMajor << 32) | file.DeviceMinor, availableBytes, (long)file.BlockCount * 512);
        }
    }

    public long ModifiedAtTicks
    {
        get
        {
            if (IsBlockDevice)
            {
                return 0;
            }

            FileStatus status = default;
            Check(LibC.StatX(_handle, "", LibC.AT_EMPTY_PATH, FileStatus.ModificationTime, &status), "stat");
            return DateTime.UnixEpoch.Ticks + (status.ModifiedSeconds * TimeSpan.TicksPerSecond) + (status.ModifiedNanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    public void Read(long offsetBytes, Span<byte> buffer) => buffer[Fill(offsetBytes, buffer)..].Clear();

    public void ReadInside(long offsetBytes, Span<byte> buffer)
    {
        if (Fill(offsetBytes, buffer) != buffer.Length)
        {
            throw new StorageException(Errno.EIO, "read past the end of", Path);
        }
    }

    /// <summary>Reads up to the end of the buffer or of the file; returns the length read.</summary>
    private int Fill(long offsetBytes, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint count = LibC.PRead(_handle, start + done, (nuint)(buffer.Length - done), offsetBytes + done);
                if (count < 0)
                {
                    ThrowUnlessInterrupted("read");
                    continue;
                }
                done += (int)count;
                // The end of the file. O_DIRECT reaches an unaligned end in one step and would refuse to go on from there.
                if (count == 0 || done % AlignmentBytes != 0)
                {
                    break;
                }
            }

            return done;
        }
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            int done = 0;
            while (done < buffer.Length)
            {
                nint count = LibC.PWrite(_handle, start + done, (nuint)(buffer.Length - done), offsetBytes + done);
                if (count < 0)
                {
                    ThrowUnlessInterrupted("write");
                }
                else if (count == 0)
                {
                    throw new StorageException(Errno.EIO, "write", Path);
                }
                else
                {
                    done += (int)count;
                }
            }
        }
    }

    public void Flush()
    {
        // The kernel reports a lost write to one fdatasync of a descriptor only. One at a time, and the errno kept:
        // so no caller is told that its bytes are safe when another caller took the news of their loss.
        lock (_flushLock)
        {
            if (_flushErrno == 0)
            {
                while (LibC.FDataSync(_handle) < 0)
                {
                    int errno = Marshal.GetLastPInvokeError();
                    if (errno != Errno.EINTR)
                    {
                        _flushErrno = errno;
                        break;
                    }
                }
            }
            if (_flushErrno != 0)
            {
                throw new StorageException(_flushErrno, "flush", Path);
            }
        }
    }

    public void AwaitDirectWrites()
    {
        if (IsBlockDevice)
        {
            return;
        }

        // ext4 and XFS let direct writes end first. There is nothing to allocate at the start of a file that has a label, so that a refusal says nothing.
        while (LibC.FAllocate(_handle, LibC.FALLOC_FL_KEEP_SIZE, 0, 1) < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
        {
            continue;
        }
    }

    public void Allocate(long offsetBytes, long lengthBytes)
    {
        if (IsBlockDevice)
        {
            return;
        }
        while (LibC.FAllocate(_handle, 0, offsetBytes, lengthBytes) < 0)
        {
            ThrowUnlessInterrupted("allocate");
        }
    }

    public void AllocateWritten(long offsetBytes, long lengthBytes)
    {
        if (IsBlockDevice)
        {
            return;
        }

        while (LibC.FAllocate(_handle, LibC.FALLOC_FL_WRITE_ZEROES, offsetBytes, lengthBytes) < 0)
        {
            // Kernels before 6.17, other filesystems, and devices that cannot write zeros by themselves.
            if (Marshal.GetLastPInvokeError() is Errno.EOPNOTSUPP or Errno.EINVAL)
            {
                Allocate(offsetBytes, lengthBytes);
                ZeroFill.Write(this, offsetBytes, lengthBytes);
                return;
            }

            ThrowUnlessInterrupted("allocate");
        }
    }

    public void Punch(long offsetBytes, long lengthBytes)
    {
        ulong* range = stackalloc ulong[] { (ulong)offsetBytes, (ulong)lengthBytes };
        const int PunchMode = LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE;
        while ((IsBlockDevice
            ? LibC.IoCtl(_handle, LibC.BLKDISCARD, range)
            : LibC.FAllocate(_handle, PunchMode, offsetBytes, lengthBytes)) < 0)
        {
            // Without discard the space stays with the host, and the stale bytes with us: the contract allows both.
            if (Marshal.GetLastPInvokeError() is Errno.EOPNOTSUPP or Errno.ENOTTY)
            {
                return;
            }
            ThrowUnlessInterrupted("punch");
        }
    }

    public long NextData(long offsetBytes)
    {
        long at = LibC.LSeek(_handle, offsetBytes, LibC.SEEK_DATA);
        if (at >= 0)
        {
            return at;
        }

        int errno = Marshal.GetLastPInvokeError();
        return errno switch
        {
            Errno.ENXIO => -1,

            // A block device, or a filesystem that knows no holes.
            Errno.EINVAL or Errno.EOPNOTSUPP => offsetBytes < LengthBytes ? offsetBytes : -1,
            _ => throw new StorageException(errno, "seek in", Path),
        };
    }

    public void SetLength(long lengthBytes)
    {
        while (LibC.FTruncate(_handle, lengthBytes) < 0)
        {
            ThrowUnlessInterrupted("set length of");
        }
    }

    public void Dispose() => _handle.Dispose();

    private void ThrowUnlessInterrupted(string operation)
    {
        int errno = Marshal.GetLastPInvokeError();
        if (errno != Errno.EINTR)
        {
            throw new StorageException(errno, operation, Path);
        }
    }

    private void Check(int result, string operation)
    {
        if (result < 0)
        {
            throw new StorageException(Marshal.GetLastPInvokeError(), operation, Path);
        }
    }
}
