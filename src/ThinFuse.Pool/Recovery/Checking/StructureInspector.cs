using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Checking;

/// <summary>
/// Reads every structure of a closed pool by itself, checksums and positions, so that one which is damaged hides no other. Changes nothing.
/// </summary>
internal sealed class StructureInspector(IStorage storage, ProblemList problems)
{
    /// <summary>The log of the table, when its checkpoint can be read.</summary>
    public TableLogReader? Log { get; private set; }

    /// <summary>Looks at everything the superblock names.</summary>
    /// <param name="withTable">Whether the table is the one on FASTER, whose files are read here.</param>
    /// <exception cref="PoolException">Damaged: there is no superblock left to start from.</exception>
    public void Run(bool withTable = true)
    {
        Superblock superblock = Superblock.Read(storage);
        if (withTable)
        {
            InspectTable(superblock.TableToken);
        }

        MetadataState? state = ReadImage(superblock);
        if (!superblock.IsClosed)
        {
            InspectJournal(superblock, state);
        }

        NodeFactory factory = new(storage, superblock.PoolId, new Geometry(superblock.ChunkBytes), superblock.NodeOwner);
        foreach (NodeRecord node in state?.Nodes ?? [])
        {
            InspectNode(factory, node);
        }
    }

    private MetadataState? ReadImage(Superblock superblock)
    {
        try
        {
            return MetadataImage.Read(storage, superblock);
        }
        catch (Exception e) when (IsDamage(e))
        {
            problems.Add(CheckProblemKinds.Image, e.Message);
            return null;
        }
    }

    private void InspectTable(Guid token)
    {
        try
        {
            Log = new TableLogReader(storage, PoolLayout.TableDirectory, token);
            Log.Run((_, _, _) => { });
            foreach (LogDamage damage in Log.Damage)
            {
                problems.Add(CheckProblemKinds.Table, $"the exception table is damaged: {damage}");
            }
        }
        catch (Exception e) when (IsDamage(e))
        {
            problems.Add(CheckProblemKinds.Table, $"the exception table is damaged: {e.Message}");
        }
    }

    /// <summary>Applies the journal's records to the state, where there is one, so that nodes are held against what they are now.</summary>
    private void InspectJournal(Superblock superblock, MetadataState? state)
    {
        EntryAssembler assembler = new();
        try
        {
            JournalScan.Run(
                storage, PoolLayout.JournalDirectory, superblock.PoolId, superblock.JournalGeneration, superblock.FirstSequence,
                superblock.BootId == storage.BootId,
                (_, kind, payload) => state?.Apply(assembler.Take(kind, payload), static (_, _, _) => { }));
        }
        catch (Exception e) when (IsDamage(e))
        {
            problems.Add(CheckProblemKinds.Journal, $"the journal is damaged: {e.Message}");
        }
    }

    private void InspectNode(NodeFactory factory, NodeRecord node)
    {
        try
        {
            factory.Open(node, readOnly: true).Dispose();
        }
        catch (Exception e) when (IsDamage(e))
        {
            problems.Add(CheckProblemKinds.Node, e.Message);
        }
    }

    /// <summary>What says that the pool is damaged; everything else is trouble with looking.</summary>
    private static bool IsDamage(Exception exception) => exception
        is InvalidDataException
        or PoolException { Kind: PoolErrorKind.Damaged }
        or StorageException { ErrorNumber: Errno.EIO or Errno.ENOENT };
}
