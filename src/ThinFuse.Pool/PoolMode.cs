namespace ThinFuse.Pool;

/// <summary>
/// What the pool can do now, in the terms of dm-thin; the order is the order of severity. The first two change by themselves. The others last: a mark on disk
/// says that the pool needs a check, and until one has found it sound, it is opened in the third.
/// </summary>
public enum PoolMode
{
    /// <summary>Everything works.</summary>
    Write,

    /// <summary>The last write that needed a new extent was refused; owned blocks can be written, and space coming back ends this by itself.</summary>
    OutOfSpace,

    /// <summary>
    /// Metadata or an fsync could not be written: nothing is changed or acknowledged any more, not even in place, for it could not be made
    /// durable. What was acknowledged can be read.
    /// </summary>
    ReadOnly,

    /// <summary>The table that says where data is cannot be read or trusted any more: reads are refused too.</summary>
    Failed,
}
