using ThinFuse.Pool.Operations;

namespace ThinFuse.Pool.Pending;

/// <summary>A chunk that operations are writing now. Guarded by its shard's lock; reused.</summary>
internal sealed class PendingChunk
{
    /// <summary>Claims not settled.</summary>
    public int Claims { get; set; }

    /// <summary>Blocks that one claim holds alone.</summary>
    public ushort Exclusive { get; set; }

    /// <summary>Blocks being overwritten in place; exact when no claim is left, a superset until then.</summary>
    public ushort InPlace { get; set; }

    /// <summary>Claims that overwrite in place.</summary>
    public int InPlaceClaims { get; set; }

    /// <summary>An extent taken for this chunk that no record names yet; -1 for none.</summary>
    public long PendingExtent { get; set; } = -1;

    /// <summary>Whether a record names <see cref="PendingExtent"/> by now.</summary>
    public bool IsExtentPublished { get; set; }

    /// <summary>Whether <see cref="PendingExtent"/> was drawn on what the volume is promised.</summary>
    public bool IsExtentDrawn { get; set; }

    /// <summary>Who to resume when a claim settles.</summary>
    public List<IParked> Waiters { get; } = [];
}
