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
    /// <summary>Above those of "." and "..", once a node's number is added.</summary>
    private const ulong FirstCookie = 2;

    /// <inheritdoc/>
    public override void OpenDirectory(FuseRequest request) =>
        Answer(request, () => request.ReplyOpened(
            _handles.GivenTo(request) is > 0 and ulong given ? given : _handles.Add(request, request.NodeId, new OpenDirectory()), FuseOpenFlags.None));

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
        IReadOnlyList<DirectoryItem>? items = offset == 0 ? null : directory.Items;
        if (items is null)
        {
            items = Items(request.NodeId);
            _directoryLists.Keep(directory, items);
        }

        for (int i = FirstAfter(items, offset); i < items.Count; i++)
        {
            FuseEntry? entry = EntryOf(items[i].NodeId, request.Directory.WithAttributes);
            if (entry is { } present && !request.Directory.TryAdd(items[i].Name, items[i].Cookie, present))
            {
                break;
            }
        }

        request.ReplyDirectory();
    });

    /// <summary>All entries by their cookies: "." and "..", then the others in the order of their nodes.</summary>
    private DirectoryItem[] Items(ulong nodeId)
    {
        ulong parent = NodeIds.Root;
        IEnumerable<DirectoryItem> entries = ListNode(nodeId, ref parent)
            .Select(entry => new DirectoryItem(Encoding.UTF8.GetBytes(entry.Name), entry.NodeId, FirstCookie + entry.NodeId))
            .OrderBy(item => item.Cookie);
        return [new DirectoryItem([(byte)'.'], nodeId, 1), new DirectoryItem([(byte)'.', (byte)'.'], parent, 2), .. entries];
    }

    /// <summary>The first entry whose cookie is above an offset.</summary>
    private static int FirstAfter(IReadOnlyList<DirectoryItem> items, ulong offset)
    {
        int low = 0;
        for (int high = items.Count; low < high;)
        {
            int middle = (low + high) / 2;
            (low, high) = items[middle].Cookie > offset ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private IEnumerable<(string Name, ulong NodeId)> ListNode(ulong nodeId, ref ulong parent)
    {
        if (nodeId == NodeIds.Root)
        {
            return _root.List();
        }

        if (!TreeNode.TryParse(nodeId, out TreeNode node) || !_tree.Exists(node))
        {
            throw new FuseException(FuseErrno.ESTALE);
        }

        parent = StatusTree.ParentOf(node)?.NodeId ?? NodeIds.Root;
        return _tree.List(node).Select(entry => (entry.Name, entry.Node.NodeId));
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
