using System.IO.Enumeration;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>Makes I/Os fail: those of some kinds, on paths that match a pattern with <c>*</c> and <c>?</c>.</summary>
internal sealed record SimulatedFault(string PathPattern, SimulatedIoKind Kinds, int ErrorNumber)
{
    private int _passed;

    /// <summary>Matching I/Os that still succeed before one fails.</summary>
    internal int Skip { get; init; }

    /// <summary>Whether every later matching I/O fails too, until the fault is cleared; else one fails.</summary>
    internal bool IsSticky { get; init; }

    /// <summary>Only I/Os of a range strike that touch bytes from here on.</summary>
    internal long FromBytes { get; set; }

    /// <summary>And before here: a bad sector, say.</summary>
    internal long ToBytes { get; set; } = long.MaxValue;

    /// <summary>Whether the place of the first I/O that fails is bad from then on, and no other.</summary>
    internal bool SticksToPlace { get; init; }

    /// <summary>Bytes of a failing write that reach the disk all the same.</summary>
    internal int PartialBytes { get; init; }

    /// <summary>
    /// Whether a flush that fails drops what it was to write, as Linux does: the page cache still shows it, and no later flush writes it. Not so for a file
    /// opened Direct, which has nothing in that cache.
    /// </summary>
    internal bool LosesUnflushed { get; init; }

    /// <summary>How many I/Os it made fail.</summary>
    internal int Hits { get; private set; }

    /// <summary>Counts a matching I/O; whether it fails. One that is of no range touches all bytes.</summary>
    internal bool Strikes(SimulatedIoKind kind, string path, long offsetBytes = 0, long lengthBytes = long.MaxValue)
    {
        if ((Kinds & kind) == 0 || offsetBytes >= ToBytes || offsetBytes + Math.Min(lengthBytes, long.MaxValue - offsetBytes) <= FromBytes
            || !FileSystemName.MatchesSimpleExpression(PathPattern, path, ignoreCase: false)
            || ++_passed <= Skip || (Hits > 0 && !IsSticky && !SticksToPlace))
        {
            return false;
        }
        if (SticksToPlace && Hits == 0)
        {
            (FromBytes, ToBytes) = (offsetBytes, offsetBytes + lengthBytes);
        }
        Hits++;
        return true;
    }

    internal StorageException ToException(SimulatedIoKind kind, string path) => new(ErrorNumber, kind.ToString(), path);
}
