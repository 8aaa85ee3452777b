using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool;

/// <summary>What differs between volumes, and how their content travels.</summary>
public sealed partial class ThinPool
{
    /// <summary>
    /// The ranges in which a file differs from an earlier one, ascending, one by one as they are found; at the cost of what was changed, not of the size. To
    /// the block: blocks in the same place are equal, and any that was written again counts as changed, even with the same bytes.
    /// </summary>
    /// <param name="from">The earlier file; null for all data that the later one has. Open until the last range is taken.</param>
    /// <param name="to">The later file, whose ranges they are: behind its end nothing is told. Open until the last range is taken.</param>
    /// <param name="evenUnrelated">Whether the two may have nothing in common: then all data of either makes a difference.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Everything written before the call is in them; of what is written meanwhile, something may be.</returns>
    /// <exception cref="PoolException">
    /// Usage: the two have nothing in common. While ranges are taken, Busy: a volume was rolled back or replaced meanwhile.
    /// </exception>
    public IEnumerable<ChangedRange> Compare(
        VolumeHandle? from, VolumeHandle to, bool evenUnrelated = false, CancellationToken cancel = default)
    {
        Comparison comparison = new(_core, from?.Volume, to.Volume);
        return from is null || evenUnrelated || comparison.IsRelated
            ? comparison.Run(cancel)
            : throw new PoolException(
                PoolErrorKind.Usage,
                $"{from.Volume.Record.Name} and {to.Volume.Record.Name} have nothing in common; only files that come from one another can be compared");
    }

    /// <summary>What a snapshot holds, under an id that is the same in every pool; given, and durable, with the first call.</summary>
    /// <exception cref="PoolException">NotFound; Usage: it is a volume, which can still change.</exception>
    public SnapshotContent ContentOf(string snapshot) => _contents.Of(snapshot);

    /// <summary>
    /// Begins to receive a snapshot into a volume of its own, or goes on with one that broke off; durable. The caller then opens the volume named in the
    /// answer for writing, which nobody else can until it is called again.
    /// </summary>
    /// <exception cref="PoolException">
    /// Usage, Exists (the target, when the stream carries everything; a part of another snapshot), NotFound (the base), Failed (the target was changed since
    /// the base), Busy (it is open, or somebody writes what is received already).
    /// </exception>
    public ReceiveInfo BeginReceive(ReceiveRequest request) => _receives.Begin(request);

    /// <summary>What is being received for a volume of this name; null when nothing is.</summary>
    public ReceiveInfo? FindReceive(string target) => _receives.Find(target);

    /// <summary>Makes what was received so far survive power loss, and remembers how far that goes: all before this offset.</summary>
    /// <exception cref="PoolException">NotFound, Usage.</exception>
    public void KeepReceived(string target, long keptBytes) => _receives.Keep(target, keptBytes);

    /// <summary>
    /// Ends receiving: the target has the content from now on, and a snapshot of it, both or none; durable when it returns.
    /// </summary>
    /// <param name="target">The volume that it will be.</param>
    /// <param name="contentId">The content that the caller received.</param>
    /// <param name="force">As in the request.</param>
    /// <returns>The snapshot.</returns>
    /// <exception cref="PoolException">As of <see cref="BeginReceive"/>: nothing has changed then.</exception>
    public VolumeInfo FinishReceive(string target, Guid contentId, bool force = false) => Describe(_receives.Finish(target, contentId, force));
}
