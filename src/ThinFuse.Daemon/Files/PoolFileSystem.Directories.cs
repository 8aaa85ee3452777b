using System.Text;
using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Files;

/// <summary>Reading directories.</summary>
internal sealed partial class PoolFileSystem
{
    /// <inheritdoc/>
    public override void OpenDirectory(FuseRequest request) =>
        Answer(request, () => request.ReplyOpened(_handles.Add(new OpenDirectory()), FuseOpenFlags.None));

    /// <inheritdoc/>
    public override void ReleaseDirectory(FuseRequest request, ulong handle) => Answer(request, () =>
    {
        _handles.Remove(handle);
        request.ReplyOk();
    });

    /// <inheritdoc/>
    public override void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly) =>
        // Every change of a name was durable when it was acknowledged.
        Answer(request, request.ReplyOk);

    /// <inheritdoc/>
    public override void ReadDirectory(FuseRequest request, ulong handle, ulong offset) => Answer(request, () =>
    {
        OpenDirectory directory = _handles.Get<OpenDirectory>(handle);
        if (offset == 0)
        {
            directory.Items =
                [.. ListNode(request.NodeId).Select(entry => new DirectoryItem(Encoding.UTF8.GetBytes(entry.Name), entry.NodeId))];
        }

        IReadOnlyList<DirectoryItem> items = directory.Items;
        for (int i = (int)Math.Min(offset, (ulong)items.Count); i < items.Count; i++)
        {
            FuseEntry? entry = EntryOf(items[i].NodeId, request.Directory.WithAttributes);
            if (entry is { } present && !request.Directory.TryAdd(items[i].Name, (ulong)i + 1, present))
            {
                break;
            }
        }

        request.ReplyDirectory();
    });

    private IEnumerable<(string Name, ulong NodeId)> ListNode(ulong nodeId)
    {
        if (nodeId == NodeIds.Root)
        {
            return _root.List().Prepend(("..", NodeIds.Root)).Prepend((".", NodeIds.Root));
        }

        if (!TreeNode.TryParse(nodeId, out TreeNode node) || !_tree.Exists(node))
        {
            throw new FuseException(FuseErrno.ESTALE);
        }

        ulong parent = StatusTree.ParentOf(node)?.NodeId ?? NodeIds.Root;
        return _tree.List(node).Select(entry => (entry.Name, entry.Node.NodeId)).Prepend(("..", parent)).Prepend((".", nodeId));
    }

    /// <summary>An entry with all its attributes, or with its type alone; null when it is gone since the directory was read.</summary>
    private FuseEntry? EntryOf(ulong nodeId, bool withAttributes)
    {
        if (withAttributes)
        {
            return Describe(nodeId) is { } attributes ? NodeAttributes.Entry(nodeId, attributes) : null;
        }

        bool isDirectory = nodeId == NodeIds.Root || (TreeNode.TryParse(nodeId, out TreeNode node) && node.IsDirectory);
        uint type = isDirectory ? FuseMode.Directory : FuseMode.Regular;
        return NodeAttributes.Entry(nodeId, new FuseAttributes { Inode = nodeId, Mode = type });
    }
}
