using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Volumes;

/// <summary>A volume or snapshot in memory. Its record, head and links change under the pool's metadata lock only.</summary>
internal sealed class Volume
{
    private static long _lastMapId;
    private ReadView _view;
    private long _modifiedAtTicks;
    private VolumePromise _promise = VolumePromise.None;
    private Reservation? _reservation;

    public Volume(VolumeRecord record, Layer head)
    {
        Record = record;
        _modifiedAtTicks = record.ModifiedAtTicks;
        _view = new ReadView(head, NextMapId());
        Enter(head);
    }

    public ulong Id => Record.Id;

    public VolumeRecord Record { get; set; }

    /// <summary>The head and the map id as one.</summary>
    public ReadView View => Volatile.Read(ref _view);

    public Layer Head => View.Head;

    public WriteGate Gate { get; } = new();

    /// <summary>Handles on it. The metadata lock guards it.</summary>
    public int OpenCount { get; set; }

    /// <summary>Those among the handles' users that opened it for writing. The metadata lock guards it.</summary>
    public int WriterCount { get; set; }

    /// <summary>What was promised to it; replaced as a whole.</summary>
    public VolumePromise Promise
    {
        get => Volatile.Read(ref _promise);
        set => Volatile.Write(ref _promise, value);
    }

    /// <summary>What is kept ready for it; null until something was promised. Set once, with the gate closed.</summary>
    public Reservation? Reservation
    {
        get => Volatile.Read(ref _reservation);
        set => Volatile.Write(ref _reservation, value);
    }

    /// <summary>Whether its name is gone; the content lives on while handles are open.</summary>
    public bool IsDeleted { get; set; }

    public bool IsReadOnly => Record.Kind == VolumeKind.Snapshot;

    /// <summary>Whether it has a snapshot's name, VOLUME@NAME.</summary>
    public bool IsSnapshot => Record.Kind != VolumeKind.Volume;

    /// <summary>New whenever the content does not go on from what it was; empty only in pools made before there were generations.</summary>
    public Guid Generation { get; set; }

    /// <summary>How it is being flattened, also over the end of the process; null when it is not. The metadata lock guards it.</summary>
    public JobSettings? Flatten { get; set; }

    /// <summary>Who keeps it from being deleted, and since when, in ticks of UTC. The metadata lock guards it.</summary>
    public SortedDictionary<string, long> Holds { get; } = new(StringComparer.Ordinal);

    /// <summary>The last write's time, kept in memory and recorded with the next change of the record.</summary>
    public long ModifiedAtTicks
    {
        get => Volatile.Read(ref _modifiedAtTicks);
        set => Volatile.Write(ref _modifiedAtTicks, value);
    }

    /// <summary>Refuses what would delete it while somebody holds it; the metadata lock is held.</summary>
    public void MustNotBeHeld()
    {
        if (Holds.Count != 0)
        {
            throw new PoolException(
                PoolErrorKind.Busy, $"{Record.Name} is held by {string.Join(", ", Holds.Keys)}; release it first ('thinfuse snapshot release')");
        }
    }

    /// <summary>
    /// Reads and writes through another layer from now on; the gate is closed. A fresh layer on top of the old head shows what the head showed, so what is
    /// known of the volume stays known; unless the old head had nothing below it: changes of such a head are not told to the resolved map.
    /// </summary>
    public void MoveTo(Layer head)
    {
        ReadView old = View;
        LeaveHead();
        Enter(head);
        bool showsTheSame = head.Parent == old.Head && old.Head.Parent is not null;
        Volatile.Write(ref _view, new ReadView(head, showsTheSame ? old.MapId : NextMapId()));
    }

    /// <summary>Forgets what the resolved map knows of the volume, and has readers under way begin anew; the gate is closed.</summary>
    public void RenewMapId() => Volatile.Write(ref _view, new ReadView(Head, NextMapId()));

    /// <summary>Lets go of the head; nobody reads or writes the volume any more.</summary>
    public void LeaveHead()
    {
        Head.NameCount--;
        if (!IsReadOnly)
        {
            Head.Writer = null;
        }
    }

    private void Enter(Layer head)
    {
        head.NameCount++;
        if (!IsReadOnly)
        {
            head.Writer = this;
        }
    }

    private static long NextMapId() => Interlocked.Increment(ref _lastMapId);
}
