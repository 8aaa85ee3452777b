using Microsoft.Extensions.Logging;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Extents;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Space;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery;

/// <summary>
/// Opens a pool: superblock, image and table checkpoint, then the journal's tail; which extents are free follows from the exceptions. A pool that was
/// closed in order has no such tail, and its owned extents are listed in a file. In the boot that wrote the journal everything acknowledged is
/// applied; after a power loss what the last commit covers. Harmless to interrupt and repeat: the superblock changes last.
/// </summary>
internal static class PoolLoader
{
    public static (PoolCore Core, Checkpointer Checkpointer) Load(IStorage storage, PoolOpenOptions options)
    {
        OpeningTimes times = new();
        Superblock superblock = Superblock.Read(storage);
        superblock.MakeDurable(storage);
        MetadataState state = MetadataImage.Read(storage, superblock);
        Geometry geometry = new(superblock.ChunkBytes);
        times.Did("image");
        IExceptionTable? table = null;
        Journal? journal = null;
        NodeSet nodes = new();
        try
        {
            table = RecoverTable(storage, superblock, options, state);
            RecoveredChanges changes = new(state.Tree, table);
            times.Did("table");
            long lastSequence = superblock.IsClosed ? superblock.FirstSequence - 1 : Replay(storage, superblock, state, changes);
            NamelessVolumes nameless = new(storage);
            if (options.TakesOver)
            {
                nameless.Restore(state);
            }
            else
            {
                nameless.Clear();
            }

            times.Did("journal");
            OpenNodes(storage, superblock, geometry, state, nodes);
            times.Did("nodes");
            ReclaimEpoch epoch = new();
            ExtentAllocator extents = new(epoch);
            foreach (NodeRecord node in state.Nodes)
            {
                extents.AddNode(node.ExtentCount);
            }

            bool isUnchanged = !EndOfVolumes.DropChunksBehind(state, table, changes, geometry) && superblock.IsClosed;
            foreach ((Volume volume, StorageException reason) in EndOfVolumes.ZeroBehind(state, table, geometry, nodes))
            {
                options.Logger.LogWarning(reason, "what a failed write past the end of {Name} left may show when it grows: {Message}", volume.Record.Name, reason.Message);
            }

            if (!isUnchanged || !OwnershipFile.TryApply(storage, superblock, state, extents))
            {
                OwnedExtents owned = new(state, table, extents, options.KeepsConflicts);
                if (options.KeepsConflicts || options.RecoversTable is not null)
                {
                    // Which of two owners counts is the table's order; and only the table on FASTER has a log.
                    owned.Take();
                }
                else
                {
                    owned.Take(new TableLogReader(storage, PoolLayout.TableDirectory, superblock.TableToken), changes);
                }
            }

            extents.TakeRetired(state.Retired, out long conflicting);
            if (conflicting >= 0 && !options.KeepsConflicts)
            {
                throw new PoolException(PoolErrorKind.Damaged, $"extent {conflicting} is retired, and has an owner; restore the pool's metadata");
            }

            times.Did("extents");
            long generation = superblock.JournalGeneration + 1;
            journal = Journal.Create(
                storage, PoolLayout.JournalDirectory, superblock.PoolId, generation, lastSequence + 1,
                new JournalOptions { SegmentBytes = options.JournalSegmentBytes });
            PoolHealth health = new(options.Logger);
            PoolCore core = new(storage, superblock, geometry, nodes, table, journal, state, extents, epoch, health, options.ResolvedMapBytes);
            core.Reservations.Restore();
            OpenOrigins(core);
            Checkpointer checkpointer = new(core, superblock, generation);

            if (isUnchanged)
            {
                checkpointer.Reopen();
            }
            else
            {
                // What was acknowledged before a crash of the process may not be synced: the checkpoint's commit does that first.
                MarkDirty(nodes);
                checkpointer.Run();
            }

            times.Did("checkpoint");
            options.Logger.LogInformation("opened in {Times}", times.ToString());
            return (core, checkpointer);
        }
        catch (StorageException e) when (e.IsNoSpace)
        {
            journal?.Dispose();
            table?.Dispose();
            nodes.Dispose();
            throw new PoolException(
                PoolErrorKind.NoSpace, "the filesystem of the pool directory has no room for the pool's metadata; make room and try again", e);
        }
        catch
        {
            journal?.Dispose();
            table?.Dispose();
            nodes.Dispose();
            throw;
        }
    }

    private static IExceptionTable RecoverTable(IStorage storage, Superblock superblock, PoolOpenOptions options, MetadataState state)
    {
        ExceptionTableOptions sizes = options.Table ?? ExceptionTableOptions.ForMemory(options.TableMemoryBytes) with
        {
            ExpectedGroups = state.Nodes.Sum(node => node.ExtentCount) / IExceptionTable.GroupChunks,
        };
        try
        {
            return options.RecoversTable is { } recover
                ? recover(storage, PoolLayout.TableDirectory, superblock.TableToken)
                : FasterExceptionTable.Recover(storage, PoolLayout.TableDirectory, superblock.TableToken, sizes);
        }
        catch (Exception e) when (e is InvalidDataException or StorageException { ErrorNumber: Errno.ENOENT })
        {
            throw new PoolException(PoolErrorKind.Damaged, $"the pool's exception table is damaged: {e.Message}", e);
        }
    }

    private static long Replay(IStorage storage, Superblock superblock, MetadataState state, RecoveredChanges changes)
    {
        ApplyException put = changes.Put;
        EntryAssembler assembler = new();
        try
        {
            long lastSequence = JournalScan.Run(
                storage, PoolLayout.JournalDirectory, superblock.PoolId, superblock.JournalGeneration, superblock.FirstSequence,
                unsyncedSurvived: superblock.BootId == storage.BootId,
                (_, kind, payload) => state.Apply(assembler.Take(kind, payload), put)).LastAppliedSequence;
            changes.Flush();
            return lastSequence;
        }
        catch (InvalidDataException e)
        {
            throw new PoolException(PoolErrorKind.Damaged, $"the pool's journal is damaged: {e.Message}", e);
        }
    }

    private static void OpenNodes(IStorage storage, Superblock superblock, Geometry geometry, MetadataState state, NodeSet nodes)
    {
        NodeFactory factory = new(storage, superblock.PoolId, geometry, superblock.NodeOwner);
        foreach (NodeRecord record in state.Nodes)
        {
            nodes.Add(factory.Open(record));
        }
    }

    /// <summary>An origin that is not there keeps nobody from opening the pool: reads of it fail, and they alone.</summary>
    private static void OpenOrigins(PoolCore core)
    {
        OriginFactory factory = new(core.Storage);
        foreach (Layer layer in core.Metadata.Tree.Layers)
        {
            if (layer.Origin is { } origin)
            {
                core.Origins.Put(factory.Find(origin));
            }
        }
    }

    private static void MarkDirty(NodeSet nodes)
    {
        foreach (Node node in nodes.All)
        {
            node.MarkDirty();
        }
    }
}
