using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Which steps had begun, ended and become durable at which I/O, and what each left: opens the pool after a crash at every I/O and compares.</summary>
/// <param name="seed">What repeats it.</param>
/// <param name="options">How the pool is opened.</param>
/// <param name="goOn">Makes a workload for a pool after a crash, of which it knows what it holds; null for none.</param>
internal sealed class CrashLog(int seed, PoolOpenOptions options, Func<TestPool, WholeModel, Workload>? goOn = null)
{
    /// <summary>In one of so many states after a crash what was being copied is copied to the end, and so is every origin; and the closed pool is checked.</summary>
    private const int CheckedShare = 4;

    /// <summary>In one of so many it is worked on.</summary>
    private const int GoneOnShare = 16;
    private const int GoneOnSteps = 12;

    private readonly List<LoggedStep> _steps = [];

    /// <summary>States that were looked at.</summary>
    internal int StateCount { get; private set; }

    /// <summary>Does steps of a workload, and notes them.</summary>
    internal void Run(Workload workload, int stepCount)
    {
        SimulatedDisk disk = workload.Context.Test.Disk;
        int start = disk.IoCount;
        Add("open", start, start, isDurable: true, workload.Context.Model);
        workload.Run(stepCount, _ =>
        {
            foreach (WholeModel between in workload.Context.TakeBetween())
            {
                Add($"within {workload.Last.What}", start, disk.IoCount, isDurable: false, between);
            }

            Add(workload.Last.What, start, disk.IoCount, workload.Last.IsDurable, workload.Context.Model);
            start = disk.IoCount;
        });
    }

    /// <summary>Opens the pool as if the process had died, and as if the power had gone, after every I/O of the steps.</summary>
    internal void VerifyEveryIo(SimulatedDisk disk)
    {
        for (int io = _steps[0].EndIo; io <= _steps[^1].EndIo; io++)
        {
            int acknowledged = _steps.FindLastIndex(step => step.EndIo <= io);
            int durable = _steps.FindLastIndex(step => step.IsDurable && step.EndIo <= io);
            int begun = _steps.FindLastIndex(step => step.StartIo <= io);
            Verify(disk.AfterKill(io), acknowledged, begun, io, $"killed after I/O {io}");
            int cut = (seed * 1_000_003) + io;
            Verify(disk.AfterPowerCut(io, cut), durable, begun, io, $"power cut after I/O {io}, cut seed {cut}");
        }
    }

    private void Add(string what, int startIo, int endIo, bool isDurable, WholeModel model) =>
        _steps.Add(new LoggedStep(what, startIo, endIo, isDurable, model.Freeze()));

    private void Verify(SimulatedDisk crashed, int from, int to, int io, string when)
    {
        StateCount++;
        try
        {
            bool isChecked = (io + from) % CheckedShare == 0;
            using (TestPool survivor = TestPool.Open(crashed, options))
            {
                LoggedStep[] allowed = [.. _steps[from..(to + 1)]];
                MustBeAllowed(survivor.Pool, allowed);
                survivor.Pool.ReclaimNow();
                WholeModel state = MustBeAllowed(survivor.Pool, allowed);
                if (goOn is not null && (io + from) % GoneOnShare == 1)
                {
                    GoOn(goOn(survivor, state.WithContentOf(survivor.Pool)));
                }
                else if (isChecked)
                {
                    Copies.GoOn(survivor.Pool);
                    OriginOperations.HydrateAll(survivor.Pool);
                    MustBeAllowed(survivor.Pool, allowed);
                }
            }

            if (isChecked)
            {
                OfflineCheck.Run(crashed, SimulatedDisk.PoolDirectory, null, options).Problems.Should().BeEmpty();
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, {when}, from '{_steps[from].What}' (step {from}) to '{_steps[to].What}' (step {to})", e);
        }
    }

    private static void GoOn(Workload workload) => workload.Run(GoneOnSteps, step => workload.MustMatch($"step {step} after it"));

    /// <summary>The state that the pool's names and promises are of.</summary>
    private static WholeModel MustBeAllowed(ThinPool pool, LoggedStep[] allowed)
    {
        LoggedStep? found = Array.Find(allowed, step => step.State.DescribesMetadataOf(pool));
        if (found is null)
        {
            throw new InvalidOperationException(
                $"what the pool knows is of none of {allowed.Length} states; the nearest: {string.Join(", ", allowed[^1].State.DifferencesOf(pool))}");
        }

        byte[][] OfName(string name) =>
            [.. allowed.Select(step => step.State.Content.Files.GetValueOrDefault(name)).Where(content => content is not null).Distinct().Select(content => content!)];
        foreach (string name in pool.Volumes(withExclusive: false).Select(info => info.Name))
        {
            SectorContent.MustBeOf(name, PoolContent.Read(pool, name), OfName(name));
        }

        pool.Check().Problems.Should().BeEmpty();
        return found.State;
    }

    private sealed record LoggedStep(string What, int StartIo, int EndIo, bool IsDurable, WholeModel State);
}
