using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>
/// Opens what a crash left: all of it must be allowed, and the rules between the structures hold. Some states are taken further, as a number
/// chooses: space is reclaimed, the opening itself is crashed, or meets a faulty disk.
/// </summary>
internal sealed class CrashProbe(CrashPool kind)
{
    private const int ReclaimedOf = 8;
    private const int CrashedAgainOf = 8;
    private const int FaultyOf = 16;

    private readonly byte[] _buffer = new byte[256 << 10];

    internal long CrashedAgain { get; private set; }

    internal long MetFaults { get; private set; }

    /// <summary>Verifies one state.</summary>
    /// <param name="disk">What the crash left.</param>
    /// <param name="allowed">What that may be.</param>
    /// <param name="allowedLater">What may be left of it when the power goes before it was opened.</param>
    /// <param name="choice">Chooses what else is done, 0 or more.</param>
    /// <param name="when">For messages.</param>
    internal void Verify(SimulatedDisk disk, AllowedStates allowed, AllowedStates allowedLater, int choice, string when)
    {
        string how = "opened";
        try
        {
            if (choice % FaultyOf == 1)
            {
                how = "opened after an opening on a faulty disk";
                OpenOnFaultyDisk(disk, new Random(choice));
            }

            if (NeedsCheck.Find(disk) is not null)
            {
                how = "opened for reading, as it needs a check";
                VerifyOpened(ThinPool.Open(disk, kind.Options), disk, allowed, reclaims: false);
                how = "checked and opened";
            }

            int openedIo = VerifyOpened(kind.Open(disk), disk, allowed, reclaims: choice % ReclaimedOf == 2);
            if (choice % CrashedAgainOf == 3)
            {
                CrashedAgain++;
                how = "opened after a crashed opening";
                Random random = new(choice);
                int io = random.Next(openedIo + 1);
                bool isCut = random.Next(2) == 0;
                SimulatedDisk again = isCut ? disk.AfterPowerCut(io, random.Next()) : disk.AfterKill(io);
                VerifyOpened(kind.Open(again), again, isCut && io < openedIo ? allowedLater : allowed, reclaims: false);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{when}, {how}: {e.Message}", e);
        }
    }

    /// <summary>I/Os when it was open: from then on all of it survives power loss.</summary>
    private int VerifyOpened(ThinPool pool, SimulatedDisk disk, AllowedStates allowed, bool reclaims)
    {
        int openedIo = disk.IoCount;
        try
        {
            Look(pool, allowed);
            if (reclaims)
            {
                pool.ReclaimNow();
                Look(pool, allowed);
            }

            return openedIo;
        }
        finally
        {
            pool.Abandon();
        }
    }

    private void Look(ThinPool pool, AllowedStates allowed)
    {
        if (allowed.Violation(pool, _buffer) is { } violation)
        {
            throw new InvalidOperationException(violation);
        }

        if (pool.Check().Problems is { Count: > 0 } problems)
        {
            throw new InvalidOperationException(problems[0].Message);
        }
    }

    /// <summary>Opening succeeds or is refused in a line; either way the pool is there when the disk works again.</summary>
    private void OpenOnFaultyDisk(SimulatedDisk disk, Random random)
    {
        SimulatedFault fault = disk.Inject(new SimulatedFault("*", random.Next(2) == 0 ? SimulatedIoKind.Read : SimulatedIoKind.Any, Errno.EIO)
        {
            Skip = random.Next(40),
            LosesUnflushed = random.Next(2) == 0,
        });
        try
        {
            ThinPool.Open(disk, kind.Options).Abandon();
        }
        catch (Exception e) when (e is PoolException or StorageException && fault.Hits != 0 && !e.Message.Contains('\n', StringComparison.Ordinal))
        {
            MetFaults++;
        }

        disk.ClearFaults();
        disk.ForgetFailedFlushes();
    }
}
