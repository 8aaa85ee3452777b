namespace ThinFuse.Pool.Volumes;

/// <summary>What a name stands for.</summary>
public enum VolumeKind : byte
{
    /// <summary>Writable.</summary>
    Volume = 1,

    /// <summary>Frozen: reads only.</summary>
    Snapshot = 2,

    /// <summary>A snapshot that is written to: named like a snapshot, with a layer of its own.</summary>
    WritableSnapshot = 3,
}
