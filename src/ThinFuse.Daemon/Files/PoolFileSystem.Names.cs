using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>Operations on names. Only the root has names that can be made, removed or changed.</summary>
internal sealed partial class PoolFileSystem
{
    /// <inheritdoc/>
    public override void Lookup(FuseRequest request, ReadOnlySpan<byte> name)
    {
        string text = RootDirectory.Decode(name);
        Answer(request, () =>
        {
            ulong? nodeId = request.NodeId == NodeIds.Root ? _root.Find(text)
                : TreeNode.TryParse(request.NodeId, out TreeNode directory) ? _tree.Find(directory, text)?.NodeId
                : null;
            FuseAttributes? attributes = nodeId is null ? null : Describe(nodeId.Value);
            if (attributes is { } found)
            {
                request.ReplyEntry(NodeAttributes.Entry(nodeId!.Value, found));
            }
            else
            {
                _outcome.Refuse(request, FuseErrno.ENOENT);
            }
        });
    }

    /// <inheritdoc/>
    public override void MakeNode(FuseRequest request, ReadOnlySpan<byte> name, uint mode)
    {
        string text = RootDirectory.Decode(name);
        Answer(request, () =>
        {
            MustBeRoot(request.NodeId);
            if ((mode & FuseMode.TypeMask) is not (0 or FuseMode.Regular))
            {
                throw new FuseException(FuseErrno.EPERM);
            }

            VolumeInfo volume = CreateOnce(request, text, mode);
            request.ReplyEntry(NodeAttributes.Entry(NodeIds.OfVolume(volume.Id), _attributes.OfVolume(volume, hasName: true)));
        });
    }

    /// <inheritdoc/>
    public override void Create(FuseRequest request, ReadOnlySpan<byte> name, FuseFileFlags flags, uint mode)
    {
        string text = RootDirectory.Decode(name);
        Answer(request, () =>
        {
            MustBeRoot(request.NodeId);
            VolumeInfo volume = CreateOrFind(request, text, flags, mode);
            ulong given = _handles.GivenTo(request);
            ulong handle = given > 0 ? given : AddVolumeFile(request, volume, flags);
            if (flags.HasFlag(FuseFileFlags.Truncate) && volume.SizeBytes > 0)
            {
                _handles.Get<OpenVolumeFile>(handle).Volume.Handle.Resize(0);
                volume = volume with { SizeBytes = 0, AllocatedBytes = 0 };
            }

            FuseEntry entry = NodeAttributes.Entry(NodeIds.OfVolume(volume.Id), _attributes.OfVolume(volume, hasName: true));
            request.ReplyCreated(entry, handle, VolumeOpenFlags);
        });
    }

    /// <inheritdoc/>
    public override void Unlink(FuseRequest request, ReadOnlySpan<byte> name)
    {
        string text = RootDirectory.Decode(name);
        Answer(request, () =>
        {
            MustBeRoot(request.NodeId);
            ChangeOnce(request, text, text, () => _root.Unlink(text));

            request.ReplyOk();
        });
    }

    /// <inheritdoc/>
    public override void Rename(
        FuseRequest request, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, FuseRenameFlags flags)
    {
        string from = RootDirectory.Decode(name);
        string to = RootDirectory.Decode(newName);
        Answer(request, () =>
        {
            MustBeRoot(request.NodeId);
            MustBeRoot(newDirectory);
            ChangeOnce(request, from, to, () => _root.Rename(from, to, flags));

            request.ReplyOk();
        });
    }

    private static void MustBeRoot(ulong nodeId)
    {
        if (nodeId != NodeIds.Root)
        {
            throw new FuseException(FuseErrno.EPERM);
        }
    }

    /// <summary>Changes the name of a volume, unless the request did before it came again. Where there is no such volume it is refused without a trace.</summary>
    private void ChangeOnce(FuseRequest request, string name, string newName, Action change)
    {
        if (_changes.TryFindDone(request, out _))
        {
            return;
        }

        if (_pool.Find(name) is not { } volume)
        {
            change();
            return;
        }

        _changes.Make(request, volume.Id, newName, 0, () =>
        {
            change();
            return 0;
        });
    }

    /// <summary>Creates a volume, or finds the one that the request made before it came again. One whose name is taken is refused without a trace.</summary>
    private VolumeInfo CreateOnce(FuseRequest request, string name, uint mode)
    {
        if (_changes.TryFindDone(request, out ulong made))
        {
            return _pool.Find(made) ?? throw new FuseException(FuseErrno.ENOENT);
        }

        if (_root.Find(name) is not null)
        {
            return _root.Create(name, mode);
        }

        VolumeInfo? volume = null;
        _changes.Make(request, 0, name, 0, () =>
        {
            volume = _root.Create(name, mode);
            return volume.Id;
        });
        return volume!;
    }

    /// <summary>The kernel asks for CREATE when it saw no such name, but another may have made it since.</summary>
    private VolumeInfo CreateOrFind(FuseRequest request, string name, FuseFileFlags flags, uint mode)
    {
        try
        {
            return CreateOnce(request, name, mode);
        }
        catch (PoolException refusal) when (refusal.Kind == PoolErrorKind.Exists && !flags.HasFlag(FuseFileFlags.Exclusive))
        {
            return _pool.Find(name) ?? throw new FuseException(FuseErrno.ENOENT);
        }
    }
}
