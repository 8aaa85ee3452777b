using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Differences;

/// <summary>
/// Tells in which blocks a file differs from an earlier one, or from an empty one, by their places and not by their bytes. Costs what the layers hold in
/// which the two part, whatever their sizes. Not thread-safe; holds nothing while its caller works on a range.
/// </summary>
internal sealed class Comparison
{
    private const int Chunks = IExceptionTable.GroupChunks;

    private readonly PoolCore _core;
    private readonly Volume? _from;
    private readonly Volume _to;
    private readonly GroupContent _before;
    private readonly GroupContent _after;
    private readonly RangeMerger _ranges;
    private readonly long[] _sequences = new long[Chunks];
    private readonly (Guid? From, Guid To) _generations;
    private Fork _fork;

    /// <param name="core">The pool.</param>
    /// <param name="from">The earlier file, open; null for an empty one.</param>
    /// <param name="to">The later file, open.</param>
    public Comparison(PoolCore core, Volume? from, Volume to)
    {
        _core = core;
        _from = from;
        _to = to;
        _before = new GroupContent(core.Table, core.Origins, core.Geometry.AllBlocks);
        _after = new GroupContent(core.Table, core.Origins, core.Geometry.AllBlocks);
        _ranges = new RangeMerger(to.Record.SizeBytes);
        lock (core.MetadataLock)
        {
            _generations = (from?.Generation, to.Generation);
            _fork = FindFork();
        }
    }

    /// <summary>Groups whose layers were looked into so far.</summary>
    public long GroupCount { get; private set; }

    /// <summary>Groups that layers were asked for so far.</summary>
    public long LookupCount => _before.LookupCount + _after.LookupCount;

    /// <summary>Whether some layer is common to both.</summary>
    public bool IsRelated => _fork.Common is not null;

    /// <summary>The ranges, ascending. Everything that was written before the call is in them; what is written beside it may or may not be.</summary>
    public IEnumerable<ChangedRange> Run(CancellationToken cancel)
    {
        long endChunk = _core.Geometry.ChunksFor(_to.Record.SizeBytes);
        for (long group = 0; ; group++)
        {
            cancel.ThrowIfCancellationRequested();
            group = NextGroup(group);
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

    /// <summary>Chunks that the earlier file has.</summary>
    private long FromChunks => _from is null ? 0 : _core.Geometry.ChunksFor(_from.Record.SizeBytes);

    private Fork FindFork() => Fork.Find(_from, FromChunks, _to);

    /// <summary>Goes on with what a snapshot, say, has put on top; but not with another content: what was told so far is nothing of it.</summary>
    private void Refork()
    {
        lock (_core.MetadataLock)
        {
            if ((_from?.Generation, _to.Generation) != _generations)
            {
                throw new PoolException(
                    PoolErrorKind.Busy, $"{_to.Record.Name}, or what it is compared with, was rolled back or replaced meanwhile; compare again");
            }

            _fork = FindFork();
        }
    }

    /// <summary>A search that ended while the fork stood has missed nothing: what a merge has moved was still inside of it.</summary>
    private long NextGroup(long group)
    {
        while (true)
        {
            long next = _fork.NextGroup(group, _core.Moves, _core.Origins);
            if (IsForkCurrent())
            {
                return next;
            }

            Refork();
        }
    }

    /// <summary>Looks at a group on both sides until nothing was moved or put on top meanwhile: what is compared was there at one moment.</summary>
    private void Read(long group)
    {
        while (!TryRead(group))
        {
            if (!IsForkCurrent())
            {
                Refork();
            }
        }

        GroupCount++;
    }

    private bool TryRead(long group)
    {
        // Inside the epoch no extent is used anew: the same number is the same bytes.
        long epoch = _core.Epoch.Enter();
        try
        {
            for (int i = 0; i < Chunks; i++)
            {
                _sequences[i] = _core.Moves.BeginWalk((group * Chunks) + i);
            }

            _before.Read(_fork.From?.Head, FromChunks, group);
            _after.Read(_fork.To.Head, _core.Geometry.ChunksFor(_to.Record.SizeBytes), group);
            for (int i = 0; i < Chunks; i++)
            {
                if (!_core.Moves.WalkIsValid((group * Chunks) + i, _sequences[i]))
                {
                    return false;
                }
            }

            return IsForkCurrent();
        }
        finally
        {
            _core.Epoch.Exit(epoch);
        }
    }

    private bool IsForkCurrent() =>
        Tree.ChainReader.IsCurrent(_to, _fork.To) && (_from is null || Tree.ChainReader.IsCurrent(_from, _fork.From!));

    private void Compare(long group)
    {
        for (int i = 0; i < Chunks; i++)
        {
            ReadOnlySpan<long> before = _before.ExtentsOf(i);
            ReadOnlySpan<long> after = _after.ExtentsOf(i);
            if (before.SequenceEqual(after) && !after.Contains(ExtentAddress.Lost))
            {
                continue;
            }

            long start = ((group * Chunks) + i) << _core.Geometry.ChunkShift;
            for (int block = 0; block < _core.Geometry.BlocksPerChunk; block++)
            {
                // What a lost block was nobody knows: it differs from any other.
                if (before[block] != after[block] || after[block] == ExtentAddress.Lost)
                {
                    RangeKind kind = after[block] >= 0 ? RangeKind.Data : RangeKind.Zero;
                    _ranges.Add(start + ((long)block * _core.Geometry.BlockBytes), _core.Geometry.BlockBytes, kind);
                }
            }
        }
    }
}
