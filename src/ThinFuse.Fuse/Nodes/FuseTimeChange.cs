namespace ThinFuse.Fuse.Nodes;

/// <summary>One timestamp in a SETATTR.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Given">The value, where it is given.</param>
public readonly record struct FuseTimeChange(FuseTimeChangeKind Kind, FuseTimestamp Given)
{
    /// <summary>Applies the change.</summary>
    /// <param name="current">The value so far.</param>
    /// <param name="now">The value that stands for the present.</param>
    public FuseTimestamp Apply(FuseTimestamp current, FuseTimestamp now) => Kind switch
    {
        FuseTimeChangeKind.Now => now,
        FuseTimeChangeKind.Given => Given,
        _ => current,
    };
}
