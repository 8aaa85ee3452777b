using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Volumes;

/// <summary>A volume or snapshot in memory. Its record, head and links change under the pool's metadata lock only.</summary>
internal sealed class Volume(VolumeRecord record, Layer head)
{
    private Layer[]? _chain;
    private long _modifiedAtTicks = record.ModifiedAtTicks;

    public ulong Id => Record.Id;

    public VolumeRecord Record { get; set; } = record;

    public Layer Head { get; set; } = head;

    public WriteGate Gate { get; } = new();

    /// <summary>Handles on it. The metadata lock guards it.</summary>
    public int OpenCount { get; set; }

    /// <summary>Whether its name is gone; the content lives on while handles are open.</summary>
    public bool IsDeleted { get; set; }

    public bool IsReadOnly => Record.Kind == VolumeKind.Snapshot;

    /// <summary>The layers a reader passes, head first; null until asked for, and after the tree changed.</summary>
    public Layer[]? Chain
    {
        get => Volatile.Read(ref _chain);
        set => Volatile.Write(ref _chain, value);
    }

    /// <summary>The last write's time, kept in memory and recorded with the next change of the record.</summary>
    public long ModifiedAtTicks
    {
        get => Volatile.Read(ref _modifiedAtTicks);
        set => Volatile.Write(ref _modifiedAtTicks, value);
    }
}
