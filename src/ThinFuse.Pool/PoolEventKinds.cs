namespace ThinFuse.Pool;

/// <summary>
/// All kinds of events, and the fields of <see cref="PoolEvent"/> that each has beside kind, message and time. Programs go by these words: none changes
/// its meaning, and readers pass over those they do not know.
/// </summary>
public static class PoolEventKinds
{
    /// <summary>Free space fell to the pool's low-water mark; once per crossing. TotalBytes, FreeBytes.</summary>
    public const string LowWater = "low_water";

    /// <summary>A write was refused or held because the pool is full; once until space returns. FreeBytes where it is known.</summary>
    public const string OutOfSpace = "out_of_space";

    /// <summary>More is free than when out_of_space was declared. FreeBytes where it is known.</summary>
    public const string SpaceReturned = "space_returned";

    /// <summary>A volume began to live on its emergency reservation. Volume, FreeBytes.</summary>
    public const string EmergencyDrawn = "emergency_drawn";

    /// <summary>Space that was to be promised is not there; a write that grows its volume tells of that by out_of_space. Volume, WantedBytes, FreeBytes.</summary>
    public const string ReservationRefused = "reservation_refused";

    /// <summary>The pool got more extents. TotalBytes.</summary>
    public const string PoolGrown = "pool_grown";

    /// <summary>
    /// The pool could not extend itself: its host has no room, or no node is a file. Once until it has grown. TotalBytes, WantedBytes (the size that
    /// it should have got).
    /// </summary>
    public const string AutoExtendFailed = "auto_extend_failed";

    /// <summary>Nothing is changed or acknowledged until the pool is opened again; reads go on.</summary>
    public const string PoolReadOnly = "pool_read_only";

    /// <summary>Reads are refused too until the pool is opened again.</summary>
    public const string PoolFailed = "pool_failed";

    /// <summary>The host has no room for the pool's metadata; something was refused or will be slower.</summary>
    public const string MetadataLow = "metadata_low";

    /// <summary>A node failed an I/O; told at most once a minute of each; or does not answer, or does again. Node; Count, how many failed since it was told last, 0 when none has.</summary>
    public const string NodeFault = "node_fault";

    /// <summary>
    /// Another process serves the pool from here on, after the one before it died or made way. What the old one had to tell last may be missing. Count says how
    /// often that has happened since the mount.
    /// </summary>
    public const string ServerRestarted = "server_restarted";

    /// <summary>An empty volume was made. Volume, SizeBytes.</summary>
    public const string VolumeCreated = "volume_created";

    /// <summary>A volume's name is gone. Volume.</summary>
    public const string VolumeDeleted = "volume_deleted";

    /// <summary>Volume, PreviousName.</summary>
    public const string VolumeRenamed = "volume_renamed";

    /// <summary>
    /// Somebody set another size; not told of a volume that grows because it is written past its end. Volume, SizeBytes, PreviousSizeBytes.
    /// </summary>
    public const string VolumeResized = "volume_resized";

    /// <summary>
    /// A writable volume was made out of another volume or a snapshot. Volume, Origin, SizeBytes; one event stands for all clones made by one call:
    /// then Count says how many, and Volume is the first.
    /// </summary>
    public const string VolumeCloned = "volume_cloned";

    /// <summary>A volume was put back to a snapshot. Volume, Origin (the snapshot), SizeBytes.</summary>
    public const string VolumeRolledBack = "volume_rolled_back";

    /// <summary>A snapshot was taken. Volume, Origin, SizeBytes.</summary>
    public const string SnapshotCreated = "snapshot_created";

    /// <summary>A snapshot was received from another pool, and its volume now begins as it is. Volume, Origin, SizeBytes.</summary>
    public const string SnapshotReceived = "snapshot_received";

    /// <summary>A snapshot's name is gone. Volume.</summary>
    public const string SnapshotDeleted = "snapshot_deleted";

    /// <summary>Volume, PreviousName.</summary>
    public const string SnapshotRenamed = "snapshot_renamed";

    /// <summary>A job in the background completed, failed or was cancelled; the message says which. Volume; Count is the job's id.</summary>
    public const string JobEnded = "job_ended";

    /// <summary>
    /// The external origin of a volume is not there, or is not what it was: reads of what is not in the pool yet fail. The message names the file.
    /// </summary>
    public const string OriginMissing = "origin_missing";

    /// <summary>All of a volume's external origin is in the pool: its file or device is needed no longer. Volume.</summary>
    public const string OriginReleased = "origin_released";

    /// <summary>Another daemon takes the pool over; the message says which. The last event of this one.</summary>
    public const string PoolTakenOver = "pool_taken_over";

    /// <summary>Giving back what deleted names held stopped with an error, and is tried again.</summary>
    public const string ReclaimFailed = "reclaim_failed";

    /// <summary>A commit or a checkpoint in the background failed.</summary>
    public const string MaintenanceFailed = "maintenance_failed";

    /// <summary>What a failed write left behind a volume's end may show when it grows before the next mount. Volume.</summary>
    public const string WriteNotUndone = "write_not_undone";

    /// <summary>
    /// Only in streams: this reader was too slow, and so many events before the next are lost to it. Kind and count are all it has.
    /// </summary>
    public const string EventsLost = "events_lost";
}
