namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>One mutating I/O, as it happened.</summary>
internal sealed record SimulatedIo(long Sequence, SimulatedIoKind Kind, string Path)
{
    /// <summary>The file it is about; 0 for directories.</summary>
    internal int Inode { get; init; }

    internal long OffsetBytes { get; init; }

    /// <summary>Of a range; for SetLength the new length.</summary>
    internal long LengthBytes { get; init; }

    internal byte[] Data { get; init; } = [];

    /// <summary>Of a rename.</summary>
    internal string Target { get; init; } = "";

    /// <summary>Of a flush or directory sync: it makes durable what has a smaller sequence, which is what was done when it began.</summary>
    internal long Covers { get; init; }

    internal SimulatedIo Prefix(int lengthBytes) => this with { Data = Data[..lengthBytes], LengthBytes = lengthBytes };

    public override string ToString() => Kind switch
    {
        SimulatedIoKind.Rename => $"{Kind} {Path} to {Target}",
        SimulatedIoKind.Write or SimulatedIoKind.Allocate or SimulatedIoKind.Punch => $"{Kind} {Path} {OffsetBytes}+{LengthBytes}",
        SimulatedIoKind.SetLength => $"{Kind} {Path} {LengthBytes}",
        _ => $"{Kind} {Path}",
    };
}
