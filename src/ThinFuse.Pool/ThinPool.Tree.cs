using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool;

/// <summary>Snapshots and clones of volumes, and what changes how they hang together.</summary>
public sealed partial class ThinPool
{
    /// <summary>Makes a snapshot named like vm1@monday, O(1).</summary>
    public VolumeInfo CreateSnapshot(string volume, string snapshot) => CreateSnapshots([(volume, snapshot)])[0];

    /// <summary>
    /// Makes snapshots of several volumes at one instant: what was acknowledged before is in all of them, what begins after is in none. All are made, or
    /// none; at most 10,000 at a time.
    /// </summary>
    /// <param name="pairs">What to take a snapshot of, volumes or snapshots, and the new names.</param>
    /// <param name="writable">Whether the snapshots can be written to.</param>
    public IReadOnlyList<VolumeInfo> CreateSnapshots(IReadOnlyList<(string Volume, string Snapshot)> pairs, bool writable = false) =>
        [.. _snapshots.Create(pairs, writable).Select(Describe)];

    /// <summary>
    /// Puts the volume that a snapshot was taken of back to it, O(1), with its size; what the volume was is kept as a snapshot unless told otherwise. Durable
    /// when it returns; a crash leaves either state.
    /// </summary>
    /// <exception cref="PoolException">Busy: the volume is open, and force was not asked for. NotFound, Exists, Usage.</exception>
    public RollbackOutcome RollBack(string snapshot, RollbackOptions options)
    {
        (Volume volume, Volume? kept) = _rollbacks.RollBack(snapshot, options);
        return new RollbackOutcome(Describe(volume), kept is null ? null : Describe(kept));
    }

    /// <summary>The volume that <see cref="RollBack"/> to a snapshot would change.</summary>
    /// <exception cref="PoolException">NotFound: the snapshot, or the volume, is gone. Usage: it is no snapshot.</exception>
    public VolumeInfo RollbackTarget(string snapshot)
    {
        lock (_core.MetadataLock)
        {
            return InfoOf(_rollbacks.TargetOf(Admin.Find(snapshot)), false);
        }
    }

    /// <summary>
    /// Starts a job that makes a volume share nothing any more, neither with its origin nor with its own snapshots. A snapshot taken meanwhile has it begin
    /// again. It goes on after the pool was closed or its process died, and passes over what is copied, until somebody cancels it. Durable when it returns.
    /// </summary>
    /// <exception cref="PoolException">NoSpace: it would not fit, and nothing has been copied. Busy: the volume has a job. NotFound, Usage.</exception>
    public JobInfo Flatten(string volume, JobSettings settings) => _flattener.Start(volume, settings);

    /// <summary>Keeps a snapshot from being deleted until <see cref="Release"/> is called with the same name; to hold it again by that name changes nothing.</summary>
    public VolumeInfo Hold(string snapshot, string by) => Describe(_holds.Hold(snapshot, by));

    /// <summary>Ends a hold; NotFound when there is none of that name.</summary>
    public VolumeInfo Release(string snapshot, string by) => Describe(_holds.Release(snapshot, by));

    /// <summary>Makes a writable volume that begins as another volume or snapshot, O(1).</summary>
    public VolumeInfo Clone(string source, string target) => Clone(source, [target])[0];

    /// <summary>
    /// Makes writable volumes that all begin as another volume or snapshot is at one instant, O(1) each and with one commit: all of them or, when a name is
    /// taken or a crash comes first, none. At most 10,000 at a time.
    /// </summary>
    public IReadOnlyList<VolumeInfo> Clone(string source, IReadOnlyList<string> targets) =>
        [.. _snapshots.Clone(source, targets).Select(Describe)];

    /// <summary>Gives an empty, writable volume the content of another, O(1); false, and nothing done, when it does not apply.</summary>
    public bool TryCloneInto(VolumeHandle source, VolumeHandle target) => _snapshots.TryCloneInto(source.Volume, target.Volume);
}
