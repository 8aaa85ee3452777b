using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>Where a session finds the result of the operation that had to read the disk.</summary>
internal sealed class PendingOutcome
{
    public Status Status { get; set; }

    public GroupRecord Output;
}
