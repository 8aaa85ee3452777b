using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Differences;

/// <summary>
/// Tells in which blocks a file differs from an earlier one, or from an empty one, by their places and not by their bytes. Costs what the layers hold in
/// which the two part, whatever their sizes. Not thread-safe; holds nothing while its caller works on a range.
/// </summary>
/// <param name="core">The pool.</param>
/// <param name="from">The earlier file, open; null for an empty one.</param>
/// <param name="to">The later file, open.</param>
internal sealed class Comparison(PoolCore core, Volume? from, Volume to)
{
    private const int Chunks = IExceptionTable.GroupChunks;

    private readonly GroupContent _before = new(core.Table, core.Geometry.AllBlocks);
    private readonly GroupContent _after = new(core.Table, core.Geometry.AllBlocks);
    private readonly RangeMerger _ranges = new(to.Record.SizeBytes);
    private readonly long[] _sequences = new long[Chunks];
    private Fork _fork = FindFork(core, from, to);

    /// <summary>Groups whose layers were looked into so far.</summary>
    public long GroupCount { get; private set; }

    /// <summary>Groups that layers were asked for so far.</summary>
    public long LookupCount => _before.LookupCount + _after.LookupCount;

    /// <summary>Whether some layer is common to both.</summary>
    public bool IsRelated => _fork.Common is not null;

    /// <summary>The ranges, ascending. Everything that was written before the call is in them; what is written beside it may or may not be.</summary>
    public IEnumerable<ChangedRange> Run(CancellationToken cancel)
    {
        long endChunk = core.Geometry.ChunksFor(to.Record.SizeBytes);
        for (long group = 0; ; group++)
        {
            cancel.ThrowIfCancellationRequested();
            group = _fork.NextGroup(group, core.Moves);
            if (group < 0 || group * Chunks >= endChunk)
            {
                break;
            }

            Read(group);
            Compare(group);
            while (_ranges.TryTake(out ChangedRange range))
            {
                yield return range;
            }
        }

        _ranges.End();
        while (_ranges.TryTake(out ChangedRange range))
        {
            yield return range;
        }
    }

    private static Fork FindFork(PoolCore core, Volume? from, Volume to)
    {
        lock (core.MetadataLock)
        {
            return Fork.Find(from, from is null ? 0 : core.Geometry.ChunksFor(from.Record.SizeBytes), to);
        }
    }

    /// <summary>Looks at a group on both sides until nothing was moved or put on top meanwhile: what is compared was there at one moment.</summary>
    private void Read(long group)
    {
        while (!TryRead(group))
        {
            if (!IsForkCurrent())
            {
                _fork = FindFork(core, from, to);
            }
        }

        GroupCount++;
    }

    private bool TryRead(long group)
    {
        // Inside the epoch no extent is used anew: the same number is the same bytes.
        long epoch = core.Epoch.Enter();
        try
        {
            for (int i = 0; i < Chunks; i++)
            {
                _sequences[i] = core.Moves.BeginWalk((group * Chunks) + i);
            }

            _before.Read(_fork.From?.Head, from is null ? 0 : core.Geometry.ChunksFor(from.Record.SizeBytes), group);
            _after.Read(_fork.To.Head, core.Geometry.ChunksFor(to.Record.SizeBytes), group);
            for (int i = 0; i < Chunks; i++)
            {
                if (!core.Moves.WalkIsValid((group * Chunks) + i, _sequences[i]))
                {
                    return false;
                }
            }

            return IsForkCurrent();
        }
        finally
        {
            core.Epoch.Exit(epoch);
        }
    }

    private bool IsForkCurrent() =>
        Tree.ChainReader.IsCurrent(to, _fork.To) && (from is null || Tree.ChainReader.IsCurrent(from, _fork.From!));

    private void Compare(long group)
    {
        for (int i = 0; i < Chunks; i++)
        {
            ReadOnlySpan<long> before = _before.ExtentsOf(i);
            ReadOnlySpan<long> after = _after.ExtentsOf(i);
            if (before.SequenceEqual(after))
            {
                continue;
            }

            long start = ((group * Chunks) + i) << core.Geometry.ChunkShift;
            for (int block = 0; block < core.Geometry.BlocksPerChunk; block++)
            {
                if (before[block] != after[block])
                {
                    RangeKind kind = after[block] >= 0 ? RangeKind.Data : RangeKind.Zero;
                    _ranges.Add(start + ((long)block * core.Geometry.BlockBytes), core.Geometry.BlockBytes, kind);
                }
            }
        }
    }
}
