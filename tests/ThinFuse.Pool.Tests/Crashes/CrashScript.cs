using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Runs random steps on a pool beside a model, and remembers what each I/O belongs to.</summary>
/// <remarks>
/// A step that fails must leave each sector as it was or as it would have been; what is found becomes the model. A pool that went read-only is opened again.
/// </remarks>
internal sealed class CrashScript(CrashPool kind, SimulatedDisk disk, int seed, bool isFaulty)
{
    private const int StepCount = 60;

    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly Random _random = new(seed);
    private readonly ModelPool _model = new();
    private readonly FaultPlan _faults = new(new Random(~seed));
    private ThinPool _pool = null!;
    private string _now = "";

    internal CrashHistory History { get; } = new();

    internal int FirstIo { get; private set; }

    /// <summary>Steps that were refused or failed.</summary>
    internal int Refused { get; private set; }

    internal int Faults => _faults.Hits;

    internal int Reopenings { get; private set; }

    internal void Run()
    {
        _pool = ThinPool.Open(disk, kind.Options);
        try
        {
            FirstIo = disk.IoCount;
            History.Add(new CrashStep("open", disk.IoCount, disk.IoCount, true, _model.Freeze()));
            ScriptSteps steps = new(_random);
            for (int step = 0; step < StepCount; step++)
            {
                if (isFaulty)
                {
                    _faults.Next(disk);
                }

                if (_random.Next(25) == 0)
                {
                    Reopen("reopen", isInOrder: _random.Next(2) == 0);
                    continue;
                }

                Try(steps.Next(_pool, _model));
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, '{_now}' (I/O {disk.IoCount}): {e.Message}", e);
        }
        finally
        {
            _faults.Clear(disk);
            _pool.Abandon();
        }
    }

    private void Try(ScriptStep step)
    {
        _now = step.What;
        int start = disk.IoCount;
        SortedDictionary<string, byte[]> before = _model.Freeze();
        try
        {
            step.Act(_pool);
            step.Apply(_model);
            History.Add(new CrashStep(step.What, start, disk.IoCount, step.IsDurable, _model.Freeze()));
        }
        catch (Exception e) when (e is PoolException or StorageException)
        {
            // What goes on behind a step may have met the fault, and only the next one tells.
            bool hasStruck = _faults.Clear(disk) || (_faults.Hits != 0 && IsDown());
            if (!hasStruck && e is not PoolException { Kind: PoolErrorKind.NoSpace })
            {
                throw;
            }

            Refused++;
            step.Apply(_model);
            Adopt(step.What, start, before, _model.Freeze());
        }
    }

    /// <summary>Takes what a failed step has left, if that is allowed.</summary>
    private void Adopt(string what, int start, SortedDictionary<string, byte[]> before, SortedDictionary<string, byte[]> attempt)
    {
        if (IsDown())
        {
            Restore(before);
            History.Add(new CrashStep($"{what}, which failed", start, disk.IoCount, false, before, attempt, IsOpenEnded: true));
            Reopen($"reopen after '{what}' failed", isInOrder: false);
            return;
        }

        Look(new AllowedStates(what, [before, attempt]));
        History.Add(new CrashStep($"{what}, which was refused", start, disk.IoCount, false, _model.Freeze(), attempt));
    }

    /// <summary>Whether the pool, or its node, has failed, so that it must be opened again.</summary>
    private bool IsDown()
    {
        PoolStatus status = _pool.Status();
        return status.Mode >= PoolMode.ReadOnly || status.Nodes.Any(node => node.State == "failed");
    }

    private void Reopen(string what, bool isInOrder)
    {
        Reopenings++;
        _now = what;
        int start = disk.IoCount;
        CrashStep last = History.Last;
        AllowedStates allowed = new(what, last is { IsOpenEnded: true, Attempt: { } attempt } ? [last.State, attempt] : [last.State]);
        if (isInOrder)
        {
            _pool.Dispose();
        }
        else
        {
            _pool.Abandon();
        }

        disk.ForgetFailedFlushes();
        if (disk.Exists(NeedsCheck.FileName))
        {
            // The cause is mended before the check.
            _faults.Clear(disk);
            disk.ForgetFailedFlushes();
        }

        try
        {
            _pool = kind.Open(disk);
        }
        catch (Exception e) when (e is PoolException or StorageException && _faults.Clear(disk))
        {
            disk.ForgetFailedFlushes();
            _pool = kind.Open(disk);
        }

        _faults.Clear(disk);
        Look(allowed);
        History.Add(new CrashStep(what, start, disk.IoCount, true, _model.Freeze()));
    }

    /// <summary>Makes the model what the pool holds.</summary>
    private void Look(AllowedStates allowed)
    {
        if (allowed.Violation(_pool, _buffer) is { } violation)
        {
            throw new InvalidOperationException($"{allowed.Where}: {violation}");
        }

        SortedDictionary<string, byte[]> found = new(StringComparer.Ordinal);
        foreach (string name in _pool.Volumes(withExclusive: false).Select(volume => volume.Name))
        {
            byte[] content = PoolContent.Read(_pool, name);
            found.Add(name, _model.Files.TryGetValue(name, out byte[]? known) && known.AsSpan().SequenceEqual(content) ? known : content);
        }

        Restore(found);
        if (_pool.Check().Problems is { Count: > 0 } problems)
        {
            throw new InvalidOperationException($"{allowed.Where}: {problems[0].Message}");
        }
    }

    private void Restore(SortedDictionary<string, byte[]> state)
    {
        _model.Files.Clear();
        foreach ((string name, byte[] content) in state)
        {
            _model.Files.Add(name, content);
        }
    }
}
