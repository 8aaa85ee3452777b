using ThinFuse.Daemon.Files;

namespace ThinFuse.Daemon.Tree;

/// <summary>A node of the status tree; its inode number says all of it.</summary>
/// <param name="Place">What it is.</param>
/// <param name="File">Which of the place's files, from 0; 0 for others.</param>
/// <param name="Subject">The volume's id or the node's index; 0 for others. Below 2^48.</param>
internal readonly record struct TreeNode(TreePlace Place, byte File = 0, ulong Subject = 0)
{
    /// <summary>The top of the tree.</summary>
    public static readonly TreeNode Root = new(TreePlace.Root);

    private const int PlaceShift = 56;
    private const int FileShift = 48;
    private const byte PlaceMask = 0x3F;
    private const ulong SubjectMask = (1UL << FileShift) - 1;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Place is
        TreePlace.Root or TreePlace.Pool or TreePlace.Nodes or TreePlace.Node or TreePlace.Volumes or TreePlace.Volume;

    /// <summary>The number by which the kernel knows it.</summary>
    public ulong NodeId => NodeIds.TreeFlag | ((ulong)Place << PlaceShift) | ((ulong)File << FileShift) | (Subject & SubjectMask);

    /// <summary>Takes such a number apart.</summary>
    public static bool TryParse(ulong nodeId, out TreeNode node)
    {
        node = new TreeNode((TreePlace)((nodeId >> PlaceShift) & PlaceMask), (byte)(nodeId >> FileShift), nodeId & SubjectMask);
        return (nodeId & NodeIds.TreeFlag) != 0;
    }
}
