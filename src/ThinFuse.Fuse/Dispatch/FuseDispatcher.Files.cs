using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>Operations on open files and directories.</summary>
internal sealed partial class FuseDispatcher
{
    private bool Open(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out OpenIn open))
        {
            return false;
        }

        _fileSystem.Open(request, open.Flags);
        return true;
    }

    private bool OpenDirectory(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out OpenIn _))
        {
            return false;
        }

        _fileSystem.OpenDirectory(request);
        return true;
    }

    private bool Read(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out ReadIn read) || !IsRange(read.Offset, read.Size) || read.Size > FuseRequest.DataCapacityBytes)
        {
            return false;
        }

        request.FileFlags = read.Flags;

        // The kernel names the owner of locks where read(2) goes past the page cache, and nowhere else.
        request.MayBeShort = (read.ReadFlags & ReadIn.NamesLockOwner) != 0;
        request.ExpectData((int)read.Size, (int)read.Size);
        _fileSystem.Read(request, read.Handle, (long)read.Offset, (int)read.Size);
        return true;
    }

    private bool Write(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out WriteIn write) || !IsRange(write.Offset, write.Size) || write.Size != (uint)reader.Rest.Length)
        {
            return false;
        }

        request.ExpectData(0, (int)write.Size);
        _fileSystem.Write(request, write.Handle, (long)write.Offset);
        return true;
    }

    private bool ReadDirectory(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out ReadIn read))
        {
            return false;
        }

        int sizeBytes = (int)Math.Min(read.Size, FuseRequest.DataCapacityBytes);
        request.ExpectData(sizeBytes, sizeBytes);
        request.Directory.Reset(request.Opcode == FuseOpcode.ReadDirectoryPlus);
        _fileSystem.ReadDirectory(request, read.Handle, read.Offset);
        return true;
    }

    private bool Flush(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out FlushIn flush))
        {
            return false;
        }

        _fileSystem.Flush(request, flush.Handle);
        return true;
    }

    private bool Release(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out ReleaseIn release))
        {
            return false;
        }

        if (request.Opcode == FuseOpcode.ReleaseDirectory)
        {
            _fileSystem.ReleaseDirectory(request, release.Handle);
        }
        else
        {
            _fileSystem.Release(request, release.Handle);
        }

        return true;
    }

    private bool Fsync(FuseRequest request)
    {
        const uint DataOnly = 1;
        if (!request.Reader.TryReadArguments(out FsyncIn fsync))
        {
            return false;
        }

        bool dataOnly = (fsync.Flags & DataOnly) != 0;
        if (request.Opcode == FuseOpcode.FsyncDirectory)
        {
            _fileSystem.FsyncDirectory(request, fsync.Handle, dataOnly);
        }
        else
        {
            _fileSystem.Fsync(request, fsync.Handle, dataOnly);
        }

        return true;
    }

    private bool Allocate(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out FallocateIn allocate) || allocate.Length == 0 || !IsRange(allocate.Offset, allocate.Length))
        {
            return false;
        }

        _fileSystem.Allocate(request, allocate.Handle, (long)allocate.Offset, (long)allocate.Length, allocate.Mode);
        return true;
    }

    private bool Poll(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out PollIn poll))
        {
            return false;
        }

        bool isAwaited = (poll.Flags & PollIn.ScheduleNotify) != 0;
        _fileSystem.Poll(request, poll.Handle, isAwaited ? poll.WakeHandle : null);
        return true;
    }

    private bool Seek(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out SeekIn seek))
        {
            return false;
        }

        // The kernel passes negative offsets of SEEK_DATA and SEEK_HOLE on as the caller gave them.
        if (seek.Offset > long.MaxValue)
        {
            return Answer(request, FuseErrno.ENXIO);
        }

        if (seek.Origin is not (FuseSeekOrigin.Data or FuseSeekOrigin.Hole))
        {
            return Answer(request, FuseErrno.EINVAL);
        }

        _fileSystem.Seek(request, seek.Handle, (long)seek.Offset, seek.Origin);
        return true;
    }

    private bool CopyRange(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out CopyFileRangeIn copy)
            || !IsRange(copy.SourceOffset, copy.Length) || !IsRange(copy.TargetOffset, copy.Length))
        {
            return false;
        }

        _fileSystem.CopyRange(request, new FuseCopyRange
        {
            SourceHandle = copy.SourceHandle,
            SourceOffsetBytes = (long)copy.SourceOffset,
            TargetNodeId = copy.TargetNodeId,
            TargetHandle = copy.TargetHandle,
            TargetOffsetBytes = (long)copy.TargetOffset,
            LengthBytes = (long)copy.Length,
        });
        return true;
    }

    /// <summary>Whether offset, length and end all fit a signed 64-bit offset.</summary>
    private static bool IsRange(ulong offset, ulong length) => offset <= long.MaxValue && length <= long.MaxValue - offset;
}
