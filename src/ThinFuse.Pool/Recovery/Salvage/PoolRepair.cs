using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Recovery.Building;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Salvage;

/// <summary>
/// Builds new metadata out of what is left of a pool's: the newest image that can be read, every record of the table's log and of the journal that its
/// checksum proves. Whatever two claim belongs to the newer record. What is lost reads as zero where it is known which blocks it were, and as what lies below
/// where it is not; each is listed.
/// </summary>
internal sealed class PoolRepair : IDisposable
{
    private readonly SalvageBase _base;
    private readonly SalvageSource _source;
    private readonly IStorage _old;
    private readonly PoolBuilder _builder;
    private readonly LossList _losses;
    private readonly Dictionary<uint, GroupSet> _groups = [];

    private PoolRepair(IStorage old, IStorage fresh)
    {
        _old = old;
        _base = SalvageBase.Find(old);
        _source = new SalvageSource(old, _base.Superblock);
        _builder = new PoolBuilder(fresh, _base.Superblock.PoolId, new Geometry(_base.Superblock.ChunkBytes));
        _losses = new LossList(_builder.State, _builder.Geometry);
    }

    /// <summary>Repairs a pool into a storage that holds none; the old one is only read, but for the labels of its nodes.</summary>
    /// <exception cref="PoolException">Damaged: too little is left, or a node is missing.</exception>
    public static RepairReport Run(IStorage old, IStorage fresh, bool force)
    {
        using PoolRepair repair = new(old, fresh);
        return repair.Run(force);
    }

    public void Dispose() => _builder.Dispose();

    private RepairReport Run(bool force)
    {
        MetadataState state = _builder.State;
        if (!_base.IsNewest)
        {
            _losses.Add($"the newest image of volumes and layers is damaged: all changes since the one before (generation {_base.Superblock.Generation}) are lost");
        }

        CopyTo(state);
        _source.Run(TakeGroup, TakeException, (entries, put) => state.Apply(entries.Span, put), (sequence, message) =>
            _losses.Add($"the change in journal record {sequence} is lost, at least in part: {message}"));
        NoteGaps();
        MakeNodesAbsolute();
        AssignGroups();
        long extents = new ExceptionSanitizer(_builder, _source, _losses, () => CopyTo(new MetadataState()), OwnedAtClose()).Run();
        SeparateHeads();
        _losses.End();
        if (_losses.Count != 0)
        {
            // Changes that were made against a content fit nothing that has lost a part of it.
            state.Transfers.Clear();
        }

        _builder.Finish(force);
        return new RepairReport(_losses.Count, _losses.All, state.Volumes.Count, state.Tree.Count, extents);
    }

    private MetadataState CopyTo(MetadataState state)
    {
        EntryList entries = MetadataImage.ListEntries(_base.State);
        for (int i = 0; i < entries.Count; i++)
        {
            state.Apply(entries[i]);
        }

        (state.NextVolumeId, state.NextLayerId) = (_base.State.NextVolumeId, _base.State.NextLayerId);
        return state;
    }

    private void TakeGroup(GroupKey key, ReadOnlySpan<ChunkException> exceptions, long address)
    {
        bool isFirst = !GroupsOf(key.Layer).Contains(key.Group);
        GroupsOf(key.Layer).Add(key.Group);
        for (int i = 0; i < exceptions.Length; i++)
        {
            if (!isFirst || !exceptions[i].IsEmpty)
            {
                _builder.Put(key.Layer, (key.Group * IExceptionTable.GroupChunks) + i, exceptions[i]);
            }
        }
    }

    private void TakeException(uint layer, long chunk, ChunkException exception)
    {
        GroupsOf(layer).Add(chunk / IExceptionTable.GroupChunks);
        _builder.Put(layer, chunk, exception);
    }

    private GroupSet GroupsOf(uint layer)
    {
        if (!_groups.TryGetValue(layer, out GroupSet? groups))
        {
            _groups.Add(layer, groups = new GroupSet());
        }

        return groups;
    }

    private void NoteGaps()
    {
        foreach (LogDamage damage in _source.LogDamage)
        {
            _losses.Add($"{damage}: chunks whose newest record lay there show what an earlier record says");
        }

        foreach ((long first, long last) in _source.JournalGaps)
        {
            _losses.Add($"the changes in the journal's records {first} to {last} are lost");
        }
    }

    private void MakeNodesAbsolute()
    {
        foreach (NodeRecord node in _builder.State.Nodes.ToArray())
        {
            EntryWriter entry = new(new byte[EntryWriter.MaxEntryBytes]);
            entry.NodePut(node with { Path = _old.FullPath(node.Path) });
            _builder.State.Apply(entry.Written);
        }
    }

    /// <summary>Layers get the groups that were found; what the image knew of and nothing was found for is lost, or was empty.</summary>
    private void AssignGroups()
    {
        foreach (Layer layer in _builder.State.Tree.Layers)
        {
            if (_groups.Remove(layer.Id, out GroupSet? groups))
            {
                for (long group = 0; (group = groups.NextAtOrAfter(group)) >= 0; group++)
                {
                    layer.Groups.Add(group);
                }
            }

            GroupSet? known = _source.LogDamage.Count == 0 ? null : _base.State.Tree.Find(layer.Id)?.Groups;
            for (long group = 0; known is not null && (group = known.NextAtOrAfter(group)) >= 0; group++)
            {
                if (!layer.Groups.Contains(group))
                {
                    _losses.AddChunks(
                        layer, group * IExceptionTable.GroupChunks, IExceptionTable.GroupChunks, "what was written here may be lost, and what lies below shows");
                }
            }
        }

        foreach ((uint layer, GroupSet groups) in _groups)
        {
            Clear(layer, groups);
        }
    }

    /// <summary>Takes out what belongs to a layer that nobody knows.</summary>
    private void Clear(uint layer, GroupSet groups)
    {
        ChunkException[] exceptions = new ChunkException[IExceptionTable.GroupChunks];
        long lost = 0;
        for (long group = 0; (group = groups.NextAtOrAfter(group)) >= 0; group++)
        {
            _builder.Table.GetGroup(layer, group, exceptions);
            for (int i = 0; i < exceptions.Length; i++)
            {
                if (!exceptions[i].IsEmpty)
                {
                    _builder.Put(layer, (group * IExceptionTable.GroupChunks) + i, default);
                    lost++;
                }
            }
        }

        if (lost > 0)
        {
            _losses.Add($"{lost} chunks of layer {layer} are lost: nothing says whose they are");
        }
    }

    /// <summary>Which extents were owned when the pool was closed; null when it was not, or that is not known.</summary>
    private ExtentAllocator? OwnedAtClose()
    {
        ExtentAllocator extents = new(new ReclaimEpoch());
        foreach (NodeRecord node in _base.State.Nodes)
        {
            extents.AddNode(node.ExtentCount);
        }

        return _base.Superblock.IsClosed && OwnershipFile.TryApply(_old, _base.Superblock, _base.State, extents) ? extents : null;
    }

    /// <summary>A writable volume must be alone on its layer: where the change that saw to that is lost, it gets a fresh one.</summary>
    private void SeparateHeads()
    {
        MetadataState state = _builder.State;
        foreach (Volume volume in state.Volumes.Where(volume => !volume.IsReadOnly).ToArray())
        {
            if (volume.Head.Children.Count != 0 || volume.Head.NameCount != 1)
            {
                EntryWriter entries = new(new byte[2 * EntryWriter.MaxEntryBytes]);
                LayerRecord fresh = new(state.NextLayerId, volume.Head.Id, _builder.Geometry.ChunksFor(volume.Record.SizeBytes));
                entries.LayerPut(fresh);
                entries.VolumePut(volume.Record with { HeadLayer = fresh.Id });
                state.Apply(entries.Written);
            }
        }
    }
}
