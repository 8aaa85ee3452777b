using ThinFuse.Pool.Operations;

namespace ThinFuse.Pool.Space;

/// <summary>A write's place in the <see cref="SpaceQueue"/>, whose lock guards it. It belongs to one operation for good, and stands in the queue at times.</summary>
internal sealed class SpaceTicket
{
    public SpaceTicket() => Place = new LinkedListNode<SpaceTicket>(this);

    public LinkedListNode<SpaceTicket> Place { get; }

    /// <summary>Whom to wake; null while the operation is awake and trying.</summary>
    public IParked? Waiter { get; set; }

    /// <summary>Extents below which trying again is in vain.</summary>
    public int NeededCount { get; set; }

    /// <summary>
    /// Its number among all that ever waited; 0 while it has not. It stays when the ticket leaves the queue, and so do place and time of a write that comes
    /// back: its owner sets it to 0 when the write ends.
    /// </summary>
    public long Arrival { get; set; }

    /// <summary>When it has waited long enough, by <see cref="Environment.TickCount64"/>.</summary>
    public long DeadlineMs { get; set; }

    public bool IsQueued => Place.List is not null;
}
