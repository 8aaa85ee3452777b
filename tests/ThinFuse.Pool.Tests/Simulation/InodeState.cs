namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>One file: what a process sees of it, what is durable of it, and the changes in between.</summary>
internal sealed class InodeState
{
    private readonly List<SimulatedIo> _unsynced;
    private PagedContent _durable;
    private bool _hasLost;

    internal InodeState()
    {
        _unsynced = [];
        _durable = new PagedContent();
        Seen = new PagedContent();
    }

    private InodeState(PagedContent seen, PagedContent durable, List<SimulatedIo> unsynced, bool hasLost)
    {
        _hasLost = hasLost;
        Seen = seen;
        _durable = durable;
        _unsynced = unsynced;
    }

    /// <summary>The content as any process of this boot reads it. Only looked at: change it by <see cref="Apply"/>.</summary>
    internal PagedContent Seen { get; private set; }

    internal long OldestUnsynced => _unsynced.Count == 0 ? long.MaxValue : _unsynced[0].Sequence;

    internal InodeState Clone() => new(Seen.Share(), _durable.Share(), [.. _unsynced], _hasLost);

    internal void Apply(SimulatedIo io)
    {
        Seen = Seen.ToChangeable();
        Seen.Apply(io);
        _unsynced.Add(io);
    }

    internal void Flush(long covers)
    {
        int count = _unsynced.FindIndex(io => io.Sequence >= covers);
        if (count < 0 && !_hasLost)
        {
            _durable = Seen.Share();
            _unsynced.Clear();
            return;
        }
        count = count < 0 ? _unsynced.Count : count;
        _durable = _durable.ToChangeable();
        _unsynced.Take(count).ToList().ForEach(_durable.Apply);
        _unsynced.RemoveRange(0, count);
    }

    /// <summary>What came before a moment is never written any more, though it is still seen.</summary>
    internal void Lose(long covers)
    {
        int count = _unsynced.RemoveAll(io => io.Sequence < covers);
        _hasLost |= count > 0;
    }

    /// <summary>The file after a power cut, durable as it is.</summary>
    /// <remarks>
    /// A sector that is written carries what the page cache held of it at that moment, so the choice is among the versions the sector
    /// went through, never a mix within it.
    /// </remarks>
    internal InodeState CutPower(Survival survival)
    {
        PagedContent seen = _durable.Share().ToChangeable();
        PagedContent kept = _durable.Share().ToChangeable();
        foreach (SimulatedIo io in _unsynced)
        {
            seen.Apply(io);
            switch (io.Kind)
            {
                case SimulatedIoKind.Write or SimulatedIoKind.Punch:
                    Func<bool> survives = survival.SectorsOf(io);
                    foreach (long sector in seen.SectorsIn(io.OffsetBytes, io.LengthBytes, kept).Where(_ => survives()))
                    {
                        kept.CopySector(seen, sector);
                    }
                    break;
                case SimulatedIoKind.Allocate or SimulatedIoKind.SetLength when survival.Survives(io):
                    kept.Apply(io);
                    break;
            }
            if (kept.LengthBytes != seen.LengthBytes && survival.Survives(io))
            {
                kept.Cut(seen.LengthBytes);
            }
        }
        kept.Cut(kept.LengthBytes);
        return new InodeState(kept.Share(), kept, [], false);
    }
}
