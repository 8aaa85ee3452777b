using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>
/// What becomes of one write that a disk has refused: it finds the extents that cannot be written, has their chunks moved off them, and sees to it that nothing
/// of the write stays behind the volume's end. Reused with its operation, and used by one thread at a time.
/// </summary>
internal sealed class WriteFaults(PoolCore core, WritePlan plan, WriteMover mover)
{
    /// <summary>Bad extents that a write gets off before it is refused, for each of its chunks.</summary>
    private const int MaxReplacements = 3;

    private IReadOnlyList<(long Chunk, long Extent)> _bad = [];
    private int _replacementCount;
    private bool _isEndBad;

    /// <summary>Moves all data again, extent by extent, while the claims are held. Null when some of them are bad, and <see cref="Replace"/> is to follow.</summary>
    /// <exception cref="StorageException">Another error was met.</exception>
    public FaultOutcome? Find(Volume volume, ReadOnlySpan<byte> data, int errno)
    {
        if (!Errno.IsMediumError(errno) && !Errno.IsGone(errno))
        {
            return FaultOutcome.Refused;
        }

        _bad = mover.MoveApart(volume, plan, data);
        if (_bad.Count == 0)
        {
            return FaultOutcome.Moved;
        }

        _replacementCount += _bad.Count;
        if (_replacementCount > MaxReplacements * plan.ChunkCount)
        {
            _bad = [];
            return FaultOutcome.Refused;
        }

        _isEndBad = plan.SoiledBlock(volume) is { } soiled && IsBad(soiled.Extent);
        return null;
    }

    /// <summary>Gets the chunks off the extents that were found bad; nothing is claimed any more.</summary>
    /// <exception cref="PoolException">The pool failed.</exception>
    public FaultOutcome Replace(Volume volume, bool gateIsHeld)
    {
        if (_bad.All(bad => core.Remaps.TryReplace(volume, bad.Chunk, bad.Extent, gateIsHeld)))
        {
            return FaultOutcome.MapAgain;
        }

        if (_isEndBad)
        {
            TellNotUndone(volume, "the disk cannot be written there");
        }

        return FaultOutcome.Refused;
    }

    /// <summary>A write past the end that came to nothing leaves zeros behind the end, as it found them; its claims are held.</summary>
    public void CleanBehindEnd(Volume volume)
    {
        try
        {
            // On a bad extent nothing can be cleaned; what is moved off it is clean.
            if (plan.SoiledBlock(volume) is { } soiled && !IsBad(soiled.Extent))
            {
                mover.ZeroRest(soiled.Extent, soiled.BlockOffsetBytes, soiled.UsedBytes);
            }
        }
        catch (StorageException e)
        {
            TellNotUndone(volume, e.Message);
        }
    }

    /// <summary>The write has ended.</summary>
    public void End()
    {
        _replacementCount = 0;
        _bad = [];
    }

    private bool IsBad(long extent) => _bad.Any(bad => bad.Extent == extent);

    private void TellNotUndone(Volume volume, string reason)
    {
        string name = volume.Record.Name;
        core.Health.Raise(PoolEvent.Now(
            PoolEventKinds.WriteNotUndone, $"a failed write past the end of {name} may show when it grows before the next mount: {reason}") with
        {
            Volume = name,
        });
    }
}
