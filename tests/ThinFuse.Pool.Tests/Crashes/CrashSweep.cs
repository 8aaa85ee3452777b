using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>
/// All crash states of one script: after each of its I/Os the process dies, also within a write, or the power goes, with nothing, everything, or some of
/// the unsynced left. Each distinct state is opened, read whole, and checked.
/// </summary>
internal sealed class CrashSweep(CrashPool kind, SimulatedDisk disk, CrashScript script, int seed, int cutsPerIo)
{
    private readonly HashSet<ulong> _seen = [];
    private readonly CrashProbe _probe = new(kind);

    /// <summary>Distinct states that were verified.</summary>
    internal long States { get; private set; }

    /// <summary>States that were made and were like one before, in what is on the disk and what is allowed.</summary>
    internal long Repeated { get; private set; }

    /// <summary>States whose opening was crashed as well.</summary>
    internal long CrashedAgain => _probe.CrashedAgain;

    /// <summary>States that were refused first, because the disk failed while they were opened.</summary>
    internal long MetFaults => _probe.MetFaults;

    /// <summary>Goes through the states until told to stop.</summary>
    internal void Run(Func<bool> isEnough)
    {
        Random random = new(seed);
        int end = disk.IoCount;
        for (int io = script.FirstIo; io <= end && !isEnough(); io++)
        {
            AllowedStates killed = script.History.AfterKill(io);
            AllowedStates cut = script.History.AfterPowerCut(io);
            Verify(disk.AfterKill(io), killed, cut, random.Next(), $"killed after I/O {io}");
            int tornBytes = random.Next(1, 40) * Geometry.SectorBytes;
            Verify(disk.AfterKill(io, tornBytes), killed, cut, random.Next(), $"killed after I/O {io} and {tornBytes} bytes of the next");
            for (int i = 0; i < cutsPerIo; i++)
            {
                int cutSeed = i < 2 ? i : random.Next();
                Verify(disk.AfterPowerCut(io, cutSeed), cut, cut, random.Next(), $"power cut after I/O {io}, cut seed {cutSeed}");
            }
        }
    }

    private void Verify(SimulatedDisk crashed, AllowedStates allowed, AllowedStates allowedLater, int choice, string when)
    {
        if (!_seen.Add(ContentHash.Mix(crashed.Fingerprint, (ulong)allowed.Id)))
        {
            Repeated++;
            return;
        }

        States++;
        _probe.Verify(crashed, allowed, allowedLater, choice, $"seed {seed}, {when}, {allowed.Where}");
    }
}
