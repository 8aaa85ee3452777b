using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>What stat, chmod, truncate, touch, df and getfattr ask for.</summary>
internal sealed partial class PoolFileSystem
{
    private const uint StatisticsBlockBytes = 4096;

    /// <summary>A snapshot's name: two parts and the '@'.</summary>
    private const uint LongestNameBytes = (2 * VolumeName.MaxPartLength) + 1;

    /// <inheritdoc/>
    public override void GetAttributes(FuseRequest request, ulong? handle) => Answer(request, () => ReplyAttributes(request));

    /// <inheritdoc/>
    public override void SetAttributes(FuseRequest request, in FuseAttributeChange change)
    {
        FuseAttributeChange wanted = change;
        Answer(request, () =>
        {
            Change(request.NodeId, wanted);
            ReplyAttributes(request);
        });
    }

    /// <inheritdoc/>
    public override void GetStatistics(FuseRequest request) => Answer(request, () =>
    {
        PoolStatus status = _pool.Status();
        ulong freeBlocks = (ulong)status.FreeBytes / StatisticsBlockBytes;
        request.ReplyStatistics(new FuseStatistics
        {
            BlockSizeBytes = StatisticsBlockBytes,
            Blocks = (ulong)status.TotalBytes / StatisticsBlockBytes,
            FreeBlocks = freeBlocks,
            AvailableBlocks = freeBlocks,
            MaxNameBytes = LongestNameBytes,
        });
    });

    /// <inheritdoc/>
    public override void GetExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name)
    {
        string text = RootDirectory.Decode(name);
        Answer(request, () =>
        {
            byte[]? value = FindVolume(request.NodeId, out _) is { } volume ? ExtendedAttributes.Read(_pool, volume, text) : null;
            if (value is null)
            {
                // Tools ask for attributes that are not there as a matter of course.
                request.ReplyError(FuseErrno.ENODATA);
            }
            else
            {
                request.ReplyExtendedAttribute(value);
            }
        });
    }

    /// <inheritdoc/>
    public override void ListExtendedAttributes(FuseRequest request) => Answer(request, () =>
        request.ReplyExtendedAttribute(FindVolume(request.NodeId, out _) is { } volume ? ExtendedAttributes.List(volume) : []));

    /// <inheritdoc/>
    public override void SetExtendedAttribute(
        FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FuseSetExtendedAttributeFlags flags)
    {
        if (RootDirectory.Decode(name) != ExtendedAttributes.Reserve)
        {
            RefuseExtendedAttribute(request);
            return;
        }

        string reserve = RootDirectory.Decode(value);
        Answer(request, () =>
        {
            VolumeInfo volume = FindVolume(request.NodeId, out _) ?? throw new FuseException(FuseErrno.EOPNOTSUPP);
            if (volume.IsReadOnly)
            {
                throw new FuseException(FuseErrno.EROFS);
            }

            using VolumeHandle handle = _pool.Open(volume.Id);
            handle.SetReserve(Reserves.Apply(reserve, when: null, volume.Reserve));
            request.ReplyOk();
        });
    }

    /// <inheritdoc/>
    public override void RemoveExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name) => RefuseExtendedAttribute(request);

    private void RefuseExtendedAttribute(FuseRequest request) => Answer(request, () =>
        _outcome.Refuse(request, FindVolume(request.NodeId, out _) is { IsReadOnly: true } ? FuseErrno.EROFS : FuseErrno.EOPNOTSUPP));

    private void ReplyAttributes(FuseRequest request)
    {
        FuseAttributes attributes = Describe(request.NodeId) ?? throw new FuseException(FuseErrno.ESTALE);
        request.ReplyAttributes(attributes, NodeAttributes.Validity);
    }

    /// <summary>Checks all that is wanted, then does it: the size, durably; mode and time, as durable as the next flush.</summary>
    private void Change(ulong nodeId, in FuseAttributeChange change)
    {
        if (nodeId == NodeIds.Root || TreeNode.TryParse(nodeId, out _))
        {
            throw new FuseException(change.SizeBytes is null ? FuseErrno.EPERM : FuseErrno.EACCES);
        }

        VolumeInfo volume = FindVolume(nodeId, out _) ?? throw new FuseException(FuseErrno.ESTALE);
        int refusal = Check(volume, change);
        if (refusal != 0)
        {
            throw new FuseException(refusal);
        }

        using VolumeHandle handle = _pool.Open(volume.Id);
        if (change.SizeBytes is { } sizeBytes)
        {
            handle.Resize(sizeBytes);
        }

        // A resize sets the time to the present by itself.
        bool setsTime = change.ModificationTime.Kind == FuseTimeChangeKind.Given
            || (change.ModificationTime.Kind == FuseTimeChangeKind.Now && change.SizeBytes is null);
        if (change.Mode is not null || setsTime)
        {
            DateTimeOffset? modifiedAt = setsTime ? change.ModificationTime.Apply(default, FuseTimestamp.Now).ToDateTimeOffset() : null;
            handle.SetAttributes((int?)(change.Mode & RootDirectory.FilePermissions), modifiedAt);
        }
    }

    private int Check(VolumeInfo volume, in FuseAttributeChange change)
    {
        if (volume.IsReadOnly)
        {
            return FuseErrno.EROFS;
        }

        bool changesOwner = (change.UserId is { } user && user != _attributes.Owner.UserId)
            || (change.GroupId is { } group && group != _attributes.Owner.GroupId);
        return changesOwner ? FuseErrno.EPERM
            : change.SizeBytes > Geometry.MaxVolumeBytes ? FuseErrno.EFBIG
            : change.SizeBytes % Geometry.SectorBytes is not (null or 0) ? FuseErrno.EINVAL
            : 0;
    }
}
