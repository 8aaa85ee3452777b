namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>What FUSE can be told through a ring (enum fuse_uring_cmd). Both complete when there is a request.</summary>
internal enum RingCommand : uint
{
    /// <summary>Makes an entry's memory known, and fetches a request into it.</summary>
    Register = 1,

    /// <summary>Answers the entry's request, and fetches the next.</summary>
    CommitAndFetch = 2,
}
