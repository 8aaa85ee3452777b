namespace ThinFuse.Pool.Operations;

/// <summary>What became of a write that met an error of the disk.</summary>
public enum FaultOutcome
{
    /// <summary>The error was not met again: all data is moved, and may be published.</summary>
    Moved,

    /// <summary>What was bad is out of use, and nothing is held: map again.</summary>
    MapAgain,

    /// <summary>Nothing helps; the write is to be refused with the error that it met, and nothing of it is visible.</summary>
    Refused,
}
