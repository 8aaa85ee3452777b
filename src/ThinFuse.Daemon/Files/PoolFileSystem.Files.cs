using ThinFuse.Daemon.Events.Files;
using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>Operations on open files.</summary>
internal sealed partial class PoolFileSystem
{
    /// <summary>Requests arrive as the caller made them, and side by side: a held write does not block the others.</summary>
    private const FuseOpenFlags VolumeOpenFlags = FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites;

    /// <summary>Reads may wait side by side, and have no position.</summary>
    private const FuseOpenFlags StreamOpenFlags = FuseOpenFlags.DirectIo | FuseOpenFlags.Stream | FuseOpenFlags.NonSeekable | FuseOpenFlags.NoFlush;

    /// <inheritdoc/>
    public override void Open(FuseRequest request, FuseFileFlags flags) => Answer(request, () =>
    {
        ulong given = _handles.GivenTo(request);
        if (TreeNode.TryParse(request.NodeId, out TreeNode node))
        {
            request.ReplyOpened(given > 0 ? given : AddTreeFile(request, node, flags), node.Place == TreePlace.Events ? StreamOpenFlags : FuseOpenFlags.DirectIo);
            return;
        }

        VolumeInfo volume = FindVolume(request.NodeId, out _) ?? throw new FuseException(FuseErrno.ESTALE);
        request.ReplyOpened(given > 0 ? given : AddVolumeFile(request, volume, flags), VolumeOpenFlags);
    });

    /// <inheritdoc/>
    public override void Release(FuseRequest request, ulong handle) => Answer(request, () =>
    {
        switch (_handles.Remove(handle))
        {
            case OpenVolumeFile file:
                Release(file);
                break;
            case OpenEventFile file:
                _eventFiles.Release(file);
                break;
        }

        request.ReplyOk();
    });

    /// <inheritdoc/>
    public override void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes)
    {
        _outcome.Counters.Began(request.Opcode);
        switch (_handles.Find(handle))
        {
            case OpenVolumeFile file when offsetBytes < Geometry.MaxVolumeBytes:
                _reads.Rent().Start(request, file, offsetBytes, lengthBytes);
                break;
            case OpenVolumeFile:
                request.ReplyData(0);
                break;
            case OpenTreeFile file:
                request.ReplyBytes(file.Read(offsetBytes, lengthBytes));
                break;
            case OpenEventFile file:
                EventRead.Start(request, file, _outcome);
                break;
            default:
                _outcome.Refuse(request, FuseErrno.EBADF);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Write(FuseRequest request, ulong handle, long offsetBytes)
    {
        _outcome.Counters.Began(request.Opcode);
        int lengthBytes = request.Payload.Length;
        if (_handles.Find(handle) is not OpenVolumeFile file)
        {
            _outcome.Refuse(request, FuseErrno.EBADF);
        }
        else if (file.Volume.Handle.IsReadOnly)
        {
            _outcome.Refuse(request, FuseErrno.EROFS);
        }
        else if (offsetBytes > Geometry.MaxVolumeBytes - lengthBytes)
        {
            _outcome.Refuse(request, FuseErrno.EFBIG);
        }
        else if (lengthBytes == 0)
        {
            request.ReplyWritten(0);
        }
        else
        {
            _writes.Rent().Start(request, file, offsetBytes);
        }
    }

    /// <inheritdoc/>
    public override void Poll(FuseRequest request, ulong handle, ulong? wakeHandle)
    {
        _outcome.Counters.Began(request.Opcode);
        if (_handles.Find(handle) is not OpenEventFile file)
        {
            request.ReplyPolled(FusePollEvents.Readable | FusePollEvents.Writable);
            return;
        }

        bool isReadable = file.IsReadable;
        if (!isReadable && wakeHandle is { } wake)
        {
            _eventPolls.WakeFor(wake, file);
        }

        request.ReplyPolled(isReadable ? FusePollEvents.Readable : FusePollEvents.None);
    }

    /// <inheritdoc/>
    public override void Flush(FuseRequest request, ulong handle) => Answer(request, () =>
    {
        // A reader's close costs nothing.
        if (_handles.Find(handle) is OpenVolumeFile file && file.TakeChanged())
        {
            MakeDurable(file);
        }

        request.ReplyOk();
    });

    /// <inheritdoc/>
    public override void Fsync(FuseRequest request, ulong handle, bool dataOnly) => Answer(request, () =>
    {
        if (_handles.Find(handle) is OpenVolumeFile file)
        {
            file.TakeChanged();
            MakeDurable(file);
        }

        request.ReplyOk();
    });

    private ulong AddVolumeFile(FuseRequest request, VolumeInfo volume, FuseFileFlags flags)
    {
        if (volume.IsReadOnly && WantsToWrite(flags))
        {
            throw new FuseException(FuseErrno.EROFS);
        }

        OpenVolume open = _openVolumes.Acquire(volume.Id);
        bool isWriter = WantsToWrite(flags);
        try
        {
            if (isWriter)
            {
                open.Handle.BeginWriting();
            }
        }
        catch
        {
            // What is kept only while it is open cannot be had: nobody may rely on it.
            _openVolumes.Release(open);
            throw;
        }

        OpenVolumeFile file = new(open, isWriter);
        try
        {
            return _handles.Add(request, NodeIds.OfVolume(volume.Id), file);
        }
        catch
        {
            Release(file);
            throw;
        }
    }

    private void Release(OpenVolumeFile file)
    {
        if (file.IsWriter)
        {
            file.Volume.Handle.EndWriting();
        }

        _openVolumes.Release(file.Volume);
    }

    private ulong AddTreeFile(FuseRequest request, TreeNode node, FuseFileFlags flags)
    {
        if (WantsToWrite(flags))
        {
            throw new FuseException(FuseErrno.EACCES);
        }

        if (node.Place != TreePlace.Events)
        {
            return _handles.Add(request, node.NodeId, new OpenTreeFile(_tree.Read(node) ?? throw new FuseException(FuseErrno.ESTALE)));
        }

        OpenEventFile events = _eventFiles.Open();
        try
        {
            return _handles.Add(request, node.NodeId, events);
        }
        catch
        {
            _eventFiles.Release(events);
            throw;
        }
    }

    private static bool WantsToWrite(FuseFileFlags flags) => (flags & FuseFileFlags.AccessMask) != FuseFileFlags.ReadOnly;

    /// <summary>
    /// A flush that fails has failed for good, so it is EIO whatever the cause, every time, and the next close says so again.
    /// </summary>
    private static void MakeDurable(OpenVolumeFile file)
    {
        try
        {
            file.Volume.Handle.Flush();
        }
        catch (Exception exception)
        {
            file.MarkChanged();
            throw new FuseException(FuseErrno.EIO, exception.Message);
        }
    }
}
