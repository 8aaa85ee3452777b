using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>What stat shows of the nodes of the mount. Thread-safe.</summary>
/// <remarks>
/// Nothing is cached by the kernel (<see cref="Validity"/>), because the control API changes names, sizes and allocations behind its back.
/// </remarks>
internal sealed class NodeAttributes(FileOwner owner)
{
    /// <summary>How long the kernel may trust names and attributes: not at all.</summary>
    public static readonly TimeSpan Validity = TimeSpan.Zero;

    private const uint BlockBytes = 4096;
    private const uint OwnerDirectory = 0x1C0; // 0700
    private const uint PublicDirectory = 0x1ED; // 0755
    private const uint ReadOnlyDirectory = 0x16D; // 0555
    private const uint ReadOnlyFile = 0x124; // 0444
    private const uint OwnerReadOnlyFile = 0x100; // 0400
    private const uint WithoutWrite = 0x16D; // 0555
    private const long TreeFileBytes = 4096;

    private readonly FuseTimestamp _startedAt = FuseTimestamp.Now;

    /// <summary>Who owns everything here.</summary>
    public FileOwner Owner => owner;

    /// <summary>The root directory.</summary>
    public FuseAttributes OfRoot() => Directory(NodeIds.Root, owner.AllowOther ? PublicDirectory : OwnerDirectory, _startedAt);

    /// <summary>A node of the status tree. As in sysfs, every file says 4096 bytes; what it holds is known when it is opened.
    /// The stream says none, so that what copies whole trees by their sizes does not wait in it; its readers are few, so it is the owner's alone.</summary>
    public FuseAttributes OfTree(TreeNode node)
    {
        if (node.IsDirectory)
        {
            return Directory(node.NodeId, ReadOnlyDirectory, _startedAt);
        }

        bool isStream = node.Place == TreePlace.Events;
        uint permissions = isStream ? OwnerReadOnlyFile : ReadOnlyFile;
        return Node(node.NodeId, FuseMode.Regular | permissions, _startedAt) with { SizeBytes = isStream ? 0 : TreeFileBytes, Links = 1 };
    }

    /// <summary>A volume or snapshot.</summary>
    /// <param name="volume">Its state.</param>
    /// <param name="hasName">False for one that was deleted and lives on because it is open.</param>
    public FuseAttributes OfVolume(VolumeInfo volume, bool hasName)
    {
        uint permissions = (uint)volume.PermissionBits & (volume.IsReadOnly ? WithoutWrite : FuseMode.PermissionMask);
        return Node(NodeIds.OfVolume(volume.Id), FuseMode.Regular | permissions, FuseTimestamp.From(volume.ModifiedAt)) with
        {
            SizeBytes = volume.SizeBytes,
            Blocks512 = volume.AllocatedBytes / 512,
            Links = hasName ? 1u : 0u,
        };
    }

    /// <summary>An entry for LOOKUP and its like.</summary>
    public static FuseEntry Entry(ulong nodeId, in FuseAttributes attributes) => new()
    {
        NodeId = nodeId,
        EntryValidity = Validity,
        AttributesValidity = Validity,
        Attributes = attributes,
    };

    private FuseAttributes Directory(ulong nodeId, uint permissions, FuseTimestamp time) =>
        Node(nodeId, FuseMode.Directory | permissions, time) with { Links = 2 };

    private FuseAttributes Node(ulong nodeId, uint mode, FuseTimestamp time) => new()
    {
        Inode = nodeId,
        Mode = mode,
        UserId = owner.UserId,
        GroupId = owner.GroupId,
        AccessTime = time,
        ModificationTime = time,
        ChangeTime = time,
        BlockSizeBytes = BlockBytes,
    };
}
