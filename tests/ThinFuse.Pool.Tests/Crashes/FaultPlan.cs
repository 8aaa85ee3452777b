using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Chooses faults of the disk: of data, journal, table or anything; EIO, a full disk, short writes, flushes that lose; once or for good.</summary>
internal sealed class FaultPlan(Random random)
{
    private const int Patience = 4;
    private const SimulatedIoKind Growing = SimulatedIoKind.Write | SimulatedIoKind.Allocate | SimulatedIoKind.Create;
    private static readonly string[] Patterns = ["*/nodes/*", "*/nodes/*", "*/journal/*", "*/table/*", "*"];

    private SimulatedFault? _fault;
    private int _steps;

    internal int Hits { get; private set; }

    /// <summary>Called before a step: sets a fault now and then, and takes one back that nothing has met for some steps.</summary>
    internal void Next(SimulatedDisk disk)
    {
        if (_fault is not null && _steps++ >= Patience)
        {
            Clear(disk);
        }

        if (_fault is null && random.Next(6) == 0)
        {
            _fault = disk.Inject(Choose());
        }
    }

    /// <summary>Ends the fault that there is; whether it had struck.</summary>
    internal bool Clear(SimulatedDisk disk)
    {
        int hits = _fault?.Hits ?? 0;
        Hits += hits;
        _fault = null;
        _steps = 0;
        disk.ClearFaults();
        return hits != 0;
    }

    private SimulatedFault Choose()
    {
        bool isFull = random.Next(4) == 0;
        SimulatedIoKind kinds = isFull ? Growing : random.Next(5) switch
        {
            0 => SimulatedIoKind.Read,
            1 => SimulatedIoKind.Flush,
            2 => SimulatedIoKind.Any,
            _ => SimulatedIoKind.Write,
        };
        return new SimulatedFault(Patterns[random.Next(Patterns.Length)], kinds, isFull ? Errno.ENOSPC : Errno.EIO)
        {
            Skip = random.Next(8),
            IsSticky = random.Next(4) == 0,
            PartialBytes = random.Next(2) * random.Next(1, 30) * Geometry.SectorBytes,
            LosesUnflushed = random.Next(2) == 0,
        };
    }
}
