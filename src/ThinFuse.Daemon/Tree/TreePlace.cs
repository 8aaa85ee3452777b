namespace ThinFuse.Daemon.Tree;

/// <summary>Where in the status tree a node is. The values are part of inode numbers.</summary>
internal enum TreePlace : byte
{
    /// <summary>.thinfuse itself.</summary>
    Root = 1,

    /// <summary>.thinfuse/metrics.</summary>
    Metrics = 2,

    /// <summary>.thinfuse/pool.</summary>
    Pool = 3,

    /// <summary>.thinfuse/pool/FILE.</summary>
    PoolFile = 4,

    /// <summary>.thinfuse/nodes.</summary>
    Nodes = 5,

    /// <summary>.thinfuse/nodes/n-0.</summary>
    Node = 6,

    /// <summary>.thinfuse/nodes/n-0/FILE.</summary>
    NodeFile = 7,

    /// <summary>.thinfuse/volumes.</summary>
    Volumes = 8,

    /// <summary>.thinfuse/volumes/NAME.</summary>
    Volume = 9,

    /// <summary>.thinfuse/volumes/NAME/FILE.</summary>
    VolumeFile = 10,

    /// <summary>.thinfuse/events, a stream.</summary>
    Events = 11,
}
