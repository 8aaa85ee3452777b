using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>Operations on ranges of open files that move no data of the caller's.</summary>
internal sealed partial class PoolFileSystem
{
    /// <inheritdoc/>
    public override void Allocate(FuseRequest request, ulong handle, long offsetBytes, long lengthBytes, FuseFallocateModes mode) =>
        Answer(request, () =>
        {
            OpenVolumeFile file = _handles.Get<OpenVolumeFile>(handle);
            RangeAllocation.Apply(file.Volume.Handle, offsetBytes, lengthBytes, mode);
            file.MarkChanged();
            request.ReplyOk();
        });

    /// <inheritdoc/>
    public override void Seek(FuseRequest request, ulong handle, long offsetBytes, FuseSeekOrigin origin) => Answer(request, () =>
    {
        VolumeHandle volume = _handles.Get<OpenVolumeFile>(handle).Volume.Handle;
        long found = offsetBytes >= volume.SizeBytes ? -1 : origin switch
        {
            FuseSeekOrigin.Data => volume.SeekData(offsetBytes),
            FuseSeekOrigin.Hole => volume.SeekHole(offsetBytes),
            _ => throw new FuseException(FuseErrno.EINVAL),
        };
        if (found < 0)
        {
            // The usual end of a search, not a failure.
            request.ReplyError(FuseErrno.ENXIO);
        }
        else
        {
            request.ReplySeek(found);
        }
    });

    /// <inheritdoc/>
    public override void CopyRange(FuseRequest request, in FuseCopyRange range)
    {
        FuseCopyRange wanted = range;
        Answer(request, () =>
        {
            if (_handles.Find(wanted.SourceHandle) is not OpenVolumeFile source
                || _handles.Find(wanted.TargetHandle) is not OpenVolumeFile target)
            {
                throw new FuseException(FuseErrno.EOPNOTSUPP);
            }

            if (wanted.TargetOffsetBytes > Geometry.MaxVolumeBytes - wanted.LengthBytes)
            {
                wanted = wanted with { LengthBytes = Math.Max(0, Geometry.MaxVolumeBytes - wanted.TargetOffsetBytes) };
            }

            target.MarkChanged();
            request.ReplyCopied(CopyOnce(request, source.Volume.Handle, target.Volume.Handle, wanted));
        });
    }

    /// <summary>
    /// Copies. What is copied to the beginning of an empty volume, perhaps by making it a clone, is not copied again when the request comes again: a clone
    /// would no longer share anything. Any other range is, which changes nothing.
    /// </summary>
    private long CopyOnce(FuseRequest request, VolumeHandle source, VolumeHandle target, in FuseCopyRange range)
    {
        if (_changes.TryFindDone(request, out ulong copied))
        {
            return (long)copied;
        }

        FuseCopyRange wanted = range;
        long Copy() => _copier.Copy(source, wanted.SourceOffsetBytes, target, wanted.TargetOffsetBytes, wanted.LengthBytes);
        return target.SizeBytes == 0 && wanted.TargetOffsetBytes == 0
            ? (long)_changes.Make(request, target.Id, "", (ulong)wanted.LengthBytes, () => (ulong)Copy())
            : Copy();
    }
}
