using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>The nodes of a pool by index. Grows under the metadata lock; reading needs none.</summary>
internal sealed class NodeSet : IDisposable
{
    private Node[] _nodes = [];

    public IReadOnlyList<Node> All => Volatile.Read(ref _nodes);

    /// <summary>The strictest alignment of all nodes, bytes.</summary>
    public int AlignmentBytes { get; private set; } = 1;

    /// <summary>Tells of I/O that fails.</summary>
    public NodeFaults Faults { get; } = new();

    public Node this[int index] => Volatile.Read(ref _nodes)[index];

    public void Add(Node node)
    {
        if (node.Record.Index != _nodes.Length)
        {
            throw new InvalidDataException($"node {node.Id} comes out of order");
        }

        node.Faults = Faults;
        AlignmentBytes = Math.Max(AlignmentBytes, node.AlignmentBytes);
        Volatile.Write(ref _nodes, [.. _nodes, node]);
    }

    /// <summary>Where an extent lies.</summary>
    public (Node Node, long OffsetBytes) Locate(long extent)
    {
        Node node = this[ExtentAddress.NodeOf(extent)];
        return (node, node.OffsetOf(ExtentAddress.SlotOf(extent)));
    }

    /// <summary>Asks all nodes how they are; returns when all have answered, or the others have stalled.</summary>
    public void Ask()
    {
        foreach ((Node node, long question) in All.Select(node => (node, node.Probe.Ask())).ToList())
        {
            node.Probe.Wait(question);
        }
    }

    /// <summary>Finds nodes whose files were cut off, which have failed, and those whose files were removed, which live on as long as they are open.</summary>
    public void LookAtFiles(IStorage storage)
    {
        foreach (Node node in All)
        {
            if (!node.Probe.IsStalled && node.IsWhole() && !storage.Exists(node.Record.Path))
            {
                Faults.NoteRemoved(node);
            }
        }
    }

    /// <summary>Makes finished data writes on all nodes survive power loss.</summary>
    public void Flush()
    {
        foreach (Node node in Volatile.Read(ref _nodes))
        {
            node.Flush();
        }
    }

    public void Dispose()
    {
        foreach (Node node in _nodes)
        {
            node.Dispose();
        }
    }
}
