using System.Diagnostics;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>
/// A scripted workload is run once; then the pool is opened as if the process had died, or the power had gone, after every single I/O of it, and
/// must keep its promises each time.
/// </summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int ChunkBytes = 16 << 10;
    private const int PowerCutSeeds = 2;

    [Theory]
    [InlineData(12, 256)]
    [InlineData(14, 20)]
    public void What_was_promised_is_there_after_a_crash_at_every_io(int seed, int poolChunks)
    {
        SimulatedDisk disk = new() { DirectAlignmentBytes = 512 };
        ThinPool.Create(disk, EngineOptions.Pool((long)poolChunks * ChunkBytes, ChunkBytes));
        CrashWorkload workload = new(disk, seed);
        workload.Run();
        Stopwatch watch = Stopwatch.StartNew();
        int states = 0;
        for (int io = workload.FirstIo; io <= disk.IoCount; io++)
        {
            workload.VerifyKill(io);
            states++;
            for (int cut = 0; cut < PowerCutSeeds; cut++)
            {
                workload.VerifyPowerCut(io, (seed * 1_000_003) + (io * 17) + cut);
                states++;
            }
        }

        output.WriteLine($"seed {seed}: {workload.Refused} steps refused for space; {states} crash states in {watch.Elapsed.TotalSeconds:f1} s");
    }

    private sealed class CrashWorkload(SimulatedDisk disk, int seed)
    {
        private const int StepCount = 70;
        private readonly Random _random = new(seed);
        private readonly ModelPool _model = new();
        private readonly List<StepRecord> _steps = [];
        private int _names;

        public int FirstIo { get; private set; }

        /// <summary>Steps that a pool of few extents refused.</summary>
        public int Refused { get; private set; }

        public void Run()
        {
            using ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
            FirstIo = disk.IoCount;
            _steps.Add(new StepRecord("open", disk.IoCount, disk.IoCount, true, _model.Freeze()));
            for (int step = 0; step < StepCount; step++)
            {
                int start = disk.IoCount;
                (string what, bool durable) = StepOrRefusal(pool, step);
                _steps.Add(new StepRecord(what, start, disk.IoCount, durable, _model.Freeze()));
            }
        }

        public void VerifyKill(int io)
        {
            int acknowledged = LastIndex(step => step.AcknowledgedIo <= io);
            Verify(disk.AfterKill(io), acknowledged, acknowledged, io, $"killed after I/O {io}");
        }

        public void VerifyPowerCut(int io, int cutSeed)
        {
            int durable = LastIndex(step => step.IsDurable && step.AcknowledgedIo <= io);
            int acknowledged = LastIndex(step => step.AcknowledgedIo <= io);
            Verify(disk.AfterPowerCut(io, cutSeed), durable, acknowledged, io, $"power cut after I/O {io}, cut seed {cutSeed}");
        }

        private int LastIndex(Predicate<StepRecord> match) => _steps.FindLastIndex(match);

        private void Verify(SimulatedDisk crashed, int from, int acknowledged, int io, string when)
        {
            int to = acknowledged + 1 < _steps.Count && _steps[acknowledged + 1].StartIo <= io ? acknowledged + 1 : acknowledged;
            string where = $"seed {seed}, {when}, between '{_steps[from].What}' (step {from}) and '{_steps[to].What}' (step {to})";
            try
            {
                using ThinPool pool = ThinPool.Open(crashed, EngineOptions.Quiet);
                IReadOnlyList<SortedDictionary<string, byte[]>> states = [.. _steps[from..(to + 1)].Select(step => step.State)];
                VerifyContent(pool, states);
                pool.Check().Problems.Should().BeEmpty();
                pool.ReclaimNow();
                VerifyContent(pool, states);
                pool.Check().Problems.Should().BeEmpty();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(where, e);
            }
        }

        private static void VerifyContent(ThinPool pool, IReadOnlyList<SortedDictionary<string, byte[]>> states)
        {
            string[] names = [.. pool.Volumes(withExclusive: false).Select(volume => volume.Name)];
            states.Should().Contain(state => state.Keys.SequenceEqual(names), $"the names are {string.Join(", ", names)}");
            foreach (string name in names)
            {
                byte[] actual = PoolContent.Read(pool, name);
                byte[][] candidates = [.. states.Where(state => state.ContainsKey(name)).Select(state => state[name]).Distinct()];
                candidates.Should().Contain(candidate => candidate.Length == actual.Length, $"{name} has {actual.Length} bytes");
                for (int sector = 0; sector < actual.Length; sector += Geometry.SectorBytes)
                {
                    ReadOnlySpan<byte> here = actual.AsSpan(sector, Geometry.SectorBytes);
                    bool allowed = false;
                    foreach (byte[] candidate in candidates)
                    {
                        allowed |= SectorOf(candidate, sector).SequenceEqual(here);
                    }

                    if (!allowed)
                    {
                        throw new InvalidOperationException($"{name} at {sector} holds {here[0]:x2}.., which none of {candidates.Length} states allows");
                    }
                }
            }
        }

        private static ReadOnlySpan<byte> SectorOf(byte[] content, int at) =>
            at < content.Length ? content.AsSpan(at, Geometry.SectorBytes) : new byte[Geometry.SectorBytes];

        /// <summary>A refused step leaves the model as it was: a write is all or nothing.</summary>
        private (string What, bool Durable) StepOrRefusal(ThinPool pool, int step)
        {
            try
            {
                return Step(pool, step);
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                Refused++;
                return ("a write refused for space", false);
            }
        }

        private (string What, bool Durable) Step(ThinPool pool, int step)
        {
            string[] volumes = [.. _model.Files.Keys.Where(name => !name.Contains('@') || name.Contains("@w"))];
            int choice = step < 2 ? 0 : _random.Next(100);
            if (volumes.Length == 0 || choice < 6)
            {
                string name = $"v{_names++}";
                pool.CreateVolume(name, 96 << 10);
                _model.Files[name] = new byte[96 << 10];
                return ($"create {name}", true);
            }

            string volume = volumes[_random.Next(volumes.Length)];
            int size = _model[volume].Length;
            if (choice < 50)
            {
                // Sectors of 512: what a power cut may tear is never smaller.
                int offset = _random.Next(size / 512) * 512;
                byte[] data = new byte[_random.Next(1, 60) * 512];
                _random.NextBytes(data);
                With(pool, volume, handle => handle.Write(offset, data));
                _model.Write(volume, offset, data);
                return ($"write {volume} {offset}+{data.Length}", false);
            }

            if (choice < 60)
            {
                With(pool, volume, handle => handle.Flush());
                return ($"flush {volume}", true);
            }

            if (choice < 70)
            {
                // Whole blocks: those never need space.
                int offset = _random.Next(size / 4096) * 4096;
                int length = _random.Next(1, 13) * 4096;
                With(pool, volume, handle => handle.Punch(offset, length));
                _model.Punch(volume, offset, length);
                return ($"punch {volume} {offset}+{length}", false);
            }

            string any = _model.Files.Keys.ElementAt(_random.Next(_model.Files.Count));
            if (choice < 80 && _model.Files.Count < 8)
            {
                bool isWritable = _random.Next(4) == 0;
                string snapshot = $"{any.Split('@')[0]}@{(isWritable ? 'w' : 's')}{_names++}";
                pool.CreateSnapshots([(any, snapshot)], isWritable);
                _model.Files[snapshot] = _model[any];
                return ($"snapshot {snapshot}", true);
            }

            if (choice < 84 && _model.Files.Count < 8)
            {
                string clone = $"c{_names++}";
                pool.Clone(any, clone);
                _model.Files[clone] = _model[any];
                return ($"clone {any} {clone}", true);
            }

            if (choice < 89)
            {
                pool.Delete(any);
                _model.Files.Remove(any);
                return ($"delete {any}", true);
            }

            if (choice < 91 && any.Contains('@') && _model.Files.Count < 8)
            {
                return RollBack(pool, any);
            }

            if (choice < 92)
            {
                // In a pool of few extents it may find no room on its way; what it copied until then changes nothing that is seen.
                JobInfo job = pool.Jobs.WaitForEnd(pool.Flatten(volume, new JobSettings()).Id);
                return ($"flatten {volume}, {job.State}", job.State == JobState.Completed);
            }

            if (choice < 94)
            {
                pool.ReclaimNow();
                return ("reclaim", false);
            }

            if (choice < 96)
            {
                pool.Checkpoint();
                return ("checkpoint", true);
            }

            // Growing only: a shrink that never returned may have cut off part of the content, sector by sector.
            int bigger = size + (_random.Next(1, 64) * 512);
            pool.Resize(volume, bigger);
            _model.Resize(volume, bigger);
            return ($"resize {volume} {bigger}", true);
        }

        private (string What, bool Durable) RollBack(ThinPool pool, string snapshot)
        {
            bool isKept = _random.Next(2) == 0;
            string? volume = TestPool.RollbackTarget(pool, snapshot);
            if (volume is null)
            {
                return ("no volume to roll back", true);
            }

            string kept = $"{volume.Split('@')[0]}@k{_names++}";
            pool.RollBack(snapshot, isKept ? new RollbackOptions(KeepAs: kept.Split('@')[1]) : new RollbackOptions(DiscardCurrent: true));
            if (isKept)
            {
                _model.Files[kept] = _model[volume];
            }

            _model.Files[volume] = _model[snapshot];
            return ($"roll {volume} back to {snapshot}{(isKept ? $", keep {kept}" : "")}", true);
        }

        private static void With(ThinPool pool, string name, Action<VolumeHandle> action)
        {
            using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
            action(handle);
        }

        private sealed record StepRecord(string What, int StartIo, int AcknowledgedIo, bool IsDurable, SortedDictionary<string, byte[]> State);
    }
}
