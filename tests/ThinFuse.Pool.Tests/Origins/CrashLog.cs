using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>Which steps had begun, ended and become durable at which I/O, and what each left: opens the pool after a crash at every I/O and compares.</summary>
internal sealed class CrashLog(int seed)
{
    private readonly List<Step> _steps = [];

    internal void Add(string what, int startIo, int endIo, bool isDurable, ModelPool model) =>
        _steps.Add(new Step(what, startIo, endIo, isDurable, model.Freeze()));

    internal void VerifyEveryIo(SimulatedDisk disk)
    {
        for (int io = _steps[0].EndIo; io <= disk.IoCount; io++)
        {
            int acknowledged = _steps.FindLastIndex(step => step.EndIo <= io);
            int durable = _steps.FindLastIndex(step => step.IsDurable && step.EndIo <= io);
            int last = acknowledged + 1 < _steps.Count && _steps[acknowledged + 1].StartIo <= io ? acknowledged + 1 : acknowledged;
            Verify(disk.AfterKill(io), acknowledged, last, $"killed after I/O {io}");
            int cut = (seed * 1_000_003) + io;
            Verify(disk.AfterPowerCut(io, cut), durable, last, $"power cut after I/O {io}, cut seed {cut}");
        }
    }

    private void Verify(SimulatedDisk crashed, int from, int to, string when)
    {
        try
        {
            using ThinPool pool = ThinPool.Open(crashed, EngineOptions.Quiet);
            SortedDictionary<string, byte[]>[] states = [.. _steps[from..(to + 1)].Select(step => step.State)];
            VerifyContent(pool, states);
            pool.Check().Problems.Should().BeEmpty();
            pool.ReclaimNow();
            VerifyContent(pool, states);
            pool.Check().Problems.Should().BeEmpty();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, {when}, from '{_steps[from].What}' (step {from}) to '{_steps[to].What}' (step {to})", e);
        }
    }

    private static void VerifyContent(ThinPool pool, SortedDictionary<string, byte[]>[] states)
    {
        string[] names = [.. pool.Volumes(withExclusive: false).Select(volume => volume.Name)];
        states.Should().Contain(state => state.Keys.SequenceEqual(names), $"the names are {string.Join(", ", names)}");
        foreach (string name in names)
        {
            byte[] actual = PoolContent.Read(pool, name);
            byte[][] candidates = [.. states.Where(state => state.ContainsKey(name)).Select(state => state[name]).Distinct()];
            candidates.Should().Contain(candidate => candidate.Length == actual.Length, $"{name} has {actual.Length} bytes");
            for (int at = 0; at < actual.Length; at += Geometry.SectorBytes)
            {
                if (!Array.Exists(candidates, candidate => SectorOf(candidate, at).SequenceEqual(SectorOf(actual, at))))
                {
                    throw new InvalidOperationException($"{name} at {at} holds what none of {candidates.Length} states allows");
                }
            }
        }
    }

    private static ReadOnlySpan<byte> SectorOf(byte[] content, int at) =>
        at < content.Length ? content.AsSpan(at, Geometry.SectorBytes) : new byte[Geometry.SectorBytes];

    private sealed record Step(string What, int StartIo, int EndIo, bool IsDurable, SortedDictionary<string, byte[]> State);
}
