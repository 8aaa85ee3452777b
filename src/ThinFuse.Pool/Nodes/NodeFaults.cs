using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>
/// Tells of I/O that nodes refuse, of each node as <see cref="ReportLimit"/> lets it, with how many failed. Want of space is no failure of a node. Thread-safe.
/// </summary>
internal sealed class NodeFaults
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _removed = [];
    private readonly Dictionary<string, ReportLimit> _limits = [];

    /// <summary>Called outside of locks, on the thread whose I/O failed; must not block.</summary>
    public Action<PoolEvent> Tell { get; set; } = static _ => { };

    /// <summary>Has nothing more allocated on a node; called once for each that fails.</summary>
    public Action<Node> Suspend { get; set; } = static _ => { };

    /// <summary>A node is gone, or not what it was.</summary>
    public void NoteFailed(Node node, string reason)
    {
        Suspend(node);
        Raise(
            node.Id, $"node {node.Id} ({node.Path}) has failed: {reason}; what is on it gets EIO until it is there again and the pool is unmounted and mounted", 1);
    }

    /// <summary>A node does not answer; who uses what is on it waits.</summary>
    public void NoteStalled(Node node) =>
        Raise(node.Id, $"node {node.Id} ({node.Path}) does not answer; what is on it waits, and so does all that must be synced: look at the disk below it", 0);

    /// <summary>A node that did not answer does.</summary>
    public void NoteAnswer(Node node) => Raise(node.Id, $"node {node.Id} ({node.Path}) answers again", 0);

    /// <summary>The file of a node that is open was removed.</summary>
    public void NoteRemoved(Node node)
    {
        lock (_lock)
        {
            if (!_removed.Add(node.Id))
            {
                return;
            }
        }

        Raise(
            node.Id, $"the file of node {node.Id} ({node.Path}) was removed; what is on it can be used until the pool is unmounted, and not afterwards: copy it now", 1);
    }

    /// <summary>A node has failed an I/O.</summary>
    /// <param name="nodeId">Such as n-0.</param>
    /// <param name="path">The node's.</param>
    /// <param name="operation">What failed, such as write.</param>
    /// <param name="errno">Positive Linux errno.</param>
    public void Note(string nodeId, string path, string operation, int errno)
    {
        if (Errno.IsNoSpace(errno))
        {
            return;
        }

        ReportLimit? limit;
        lock (_lock)
        {
            if (!_limits.TryGetValue(nodeId, out limit))
            {
                _limits.Add(nodeId, limit = new ReportLimit(TimeProvider.System));
            }
        }

        if (!limit.MayReport(out long others))
        {
            return;
        }

        Raise(nodeId, $"node {nodeId} ({path}) failed to {operation}: {Errno.Describe(errno)}; look at the disk below it", others + 1);
    }

    private void Raise(string nodeId, string message, long count) =>
        Tell(PoolEvent.Now(PoolEventKinds.NodeFault, message) with { Node = nodeId, Count = count });
}
