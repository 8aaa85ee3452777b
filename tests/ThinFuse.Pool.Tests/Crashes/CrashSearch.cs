using System.Diagnostics;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Goes through seed after seed, on two threads, until enough crash states are verified, and adds up what was found.</summary>
/// <param name="firstSeed">Where it begins.</param>
/// <param name="states">Distinct states that are enough; 0 for no such end.</param>
/// <param name="time">Time that is enough; zero for no such end.</param>
/// <param name="tell">Is told of each seed.</param>
internal sealed class CrashSearch(int firstSeed, long states, TimeSpan time, Action<string> tell)
{
    private const int Threads = 2;
    private const int CutsPerIo = 12;

    /// <summary>One of so many seeds has the real exception table, which costs several times as much. Odd, so that half of them have faulty disks.</summary>
    private const int SeedsPerFaster = 9;

    /// <summary>Sizes of pools, in extents, by seed: in the small ones space runs out all the time.</summary>
    private static readonly int[] Extents = [24, 200, 20, 40];

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly CrashPool[] _onFaster = [.. Extents.Select(extents => new CrashPool(extents, isOnFaster: true))];
    private readonly CrashPool[] _onPlainTable = [.. Extents.Select(extents => new CrashPool(extents, isOnFaster: false))];
    private readonly Lock _lock = new();
    private int _nextSeed = firstSeed;
    private Exception? _failure;

    internal long States { get; private set; }

    /// <summary>Of the states, those with the real exception table.</summary>
    internal long StatesOnFaster { get; private set; }

    internal long Repeated { get; private set; }

    internal long CrashedAgain { get; private set; }

    internal long MetFaults { get; private set; }

    internal long Faults { get; private set; }

    internal double Rate => States / _watch.Elapsed.TotalSeconds;

    /// <summary>Searches; throws what the first seed that failed threw.</summary>
    internal void Run()
    {
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Work) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (_failure is not null)
        {
            throw new InvalidOperationException(_failure.Message, _failure);
        }
    }

    private void Work()
    {
        try
        {
            while (!IsEnough(0))
            {
                RunSeed(Interlocked.Increment(ref _nextSeed) - 1);
            }
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                _failure ??= e;
            }
        }
    }

    /// <summary>Every other seed has a faulty disk.</summary>
    private void RunSeed(int seed)
    {
        CrashPool kind = (seed % SeedsPerFaster == 0 ? _onFaster : _onPlainTable)[seed / 2 % Extents.Length];
        SimulatedDisk disk;
        lock (_lock)
        {
            disk = kind.NewDisk();
        }

        CrashScript script = new(kind, disk, seed, isFaulty: seed % 2 == 0);
        script.Run();
        CrashSweep sweep = new(kind, disk, script, seed, CutsPerIo);
        sweep.Run(() => IsEnough(sweep.States));
        lock (_lock)
        {
            States += sweep.States;
            StatesOnFaster += kind.IsOnFaster ? sweep.States : 0;
            Repeated += sweep.Repeated;
            CrashedAgain += sweep.CrashedAgain;
            MetFaults += sweep.MetFaults;
            Faults += script.Faults;
            tell($"seed {seed}{(kind.IsOnFaster ? " on FASTER" : "")}: {disk.IoCount - script.FirstIo} I/Os, {script.Refused} steps refused, {script.Faults} faults, {script.Reopenings} reopenings, {sweep.States} states");
        }
    }

    private bool IsEnough(long more)
    {
        lock (_lock)
        {
            return _failure is not null
                || (states != 0 && States + more >= states)
                || (time != TimeSpan.Zero && _watch.Elapsed >= time);
        }
    }
}
