using ThinFuse.Fuse.Transport.Rings.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>What owns a ring. Used by its thread.</summary>
internal unsafe interface IRingSubmitter
{
    /// <summary>A submission for a read or write of a file; to be filled in at once.</summary>
    SubmissionEntry* AddTransfer();
}
