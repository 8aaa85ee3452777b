using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Random operations beside plain arrays: whatever the order, every file reads as its array, and the rules of the pool hold.</summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Steps = 4000;
    private const int MaxVolumeBytes = 1 << 20;
    private const int MaxFiles = 12;

    [Theory]
    [InlineData(1, 64 << 10, 512)]
    [InlineData(2, 64 << 10, 4096)]
    [InlineData(3, 16 << 10, 512)]
    [InlineData(4, 4 << 10, 512)]
    [InlineData(5, 256 << 10, 4096)]
    public void Every_file_reads_as_the_model_says(int seed, int chunkBytes, int alignmentBytes)
    {
        output.WriteLine($"seed {seed}, chunk {chunkBytes}, alignment {alignmentBytes}");
        SimulatedDisk disk = new() { DirectAlignmentBytes = alignmentBytes };
        ThinPool.Create(disk, EngineOptions.Pool(64 << 20, chunkBytes));
        ModelRun run = new(disk, seed);
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                run.Step(step);
            }

            run.CompareAll("at the end");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, chunk {chunkBytes}: {run.Trace}", e);
        }
        finally
        {
            run.Close();
        }
    }

    private sealed class ModelRun(SimulatedDisk disk, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly ModelPool _model = new();
        private readonly Queue<string> _trace = new();
        private SimulatedDisk _disk = disk;
        private ThinPool _pool = ThinPool.Open(disk, EngineOptions.Quiet);
        private int _names;

        public string Trace => string.Join("; ", _trace);

        public void Close() => _pool.Dispose();

        public void Step(int step)
        {
            int choice = _random.Next(100);
            if (_model.Files.Count == 0 || (choice < 4 && _model.Files.Count < MaxFiles))
            {
                Create();
            }
            else if (choice < 50)
            {
                Write();
            }
            else if (choice < 66)
            {
                Read();
            }
            else if (choice < 74)
            {
                Punch();
            }
            else if (choice < 76)
            {
                Allocate();
            }
            else if (choice < 81)
            {
                Derive();
            }
            else if (choice < 86)
            {
                Delete();
            }
            else if (choice < 88)
            {
                RollBack();
            }
            else if (choice < 89)
            {
                Flatten();
            }
            else if (choice < 91)
            {
                Resize();
            }
            else if (choice < 93)
            {
                Rename();
            }
            else if (choice < 95)
            {
                Note("reclaim");
                _pool.ReclaimNow();
            }
            else if (choice < 97)
            {
                Reopen();
            }
            else
            {
                Seek();
            }

            if (step % 50 == 0)
            {
                CompareAll($"step {step}");
            }
        }

        public void CompareAll(string when)
        {
            PoolContent.MustMatch(_pool, _model.Files, when);
            _pool.Check().Problems.Should().BeEmpty(when);
        }

        private void Note(string what)
        {
            _trace.Enqueue(what);
            if (_trace.Count > 40)
            {
                _trace.Dequeue();
            }
        }

        private string Any() => _model.Files.Keys.ElementAt(_random.Next(_model.Files.Count));

        private string? AnyVolume()
        {
            string[] volumes = [.. _model.Files.Keys.Where(name => !name.Contains('@') || name.Contains("@w"))];
            return volumes.Length == 0 ? null : volumes[_random.Next(volumes.Length)];
        }

        private (long Offset, int Length) Range(int size)
        {
            long offset = _random.Next(size + 1);
            int length = _random.Next(1, _random.Next(4) == 0 ? 300_000 : 9_000);
            return _random.Next(3) == 0 ? (offset / 4096 * 4096, (length + 4095) / 4096 * 4096) : (offset, length);
        }

        private void With(string name, Action<VolumeHandle> action)
        {
            using VolumeHandle handle = _pool.Open(_pool.Find(name)!.Id);
            action(handle);
        }

        private void Create()
        {
            string name = $"v{_names++}";
            int size = _random.Next(MaxVolumeBytes / 512) * 512;
            Note($"create {name} {size}");
            _pool.CreateVolume(name, size);
            _model.Files[name] = new byte[size];
        }

        private void Write()
        {
            if (AnyVolume() is { } name)
            {
                (long offset, int length) = Range(_model[name].Length);
                if (offset + length > MaxVolumeBytes * 2)
                {
                    return;
                }

                byte[] data = new byte[length];
                _random.NextBytes(data);
                Note($"write {name} {offset}+{length}");
                With(name, handle => handle.Write(offset, data));
                _model.Write(name, offset, data);
            }
        }

        private void Read()
        {
            string name = Any();
            (long offset, int length) = Range(_model[name].Length);
            Note($"read {name} {offset}+{length}");
            byte[] actual = new byte[length];
            int got = 0;
            With(name, handle => got = handle.Read(offset, actual));
            int expected = (int)Math.Clamp(_model[name].Length - offset, 0, length);
            got.Should().Be(expected);
            actual.AsSpan(0, got).SequenceEqual(_model[name].AsSpan((int)offset, got)).Should().BeTrue($"read of {name} at {offset}+{length}");
        }

        private void Punch()
        {
            if (AnyVolume() is { } name)
            {
                (long offset, int length) = Range(_model[name].Length);
                Note($"punch {name} {offset}+{length}");
                With(name, handle => handle.Punch(offset, length));
                _model.Punch(name, offset, length);
            }
        }

        private void Allocate()
        {
            if (AnyVolume() is { } name)
            {
                (long offset, int length) = Range(_model[name].Length);
                Note($"allocate {name} {offset}+{length}");
                With(name, handle =>
                {
                    handle.Allocate(offset, length);
                    bool isInside = offset + length <= handle.SizeBytes;
                    handle.SeekHole(offset).Should().BeGreaterThanOrEqualTo(isInside ? offset + length : handle.SizeBytes);
                });
            }
        }

        private void Derive()
        {
            string name = Any();
            if (_model.Files.Count >= MaxFiles)
            {
                return;
            }

            if (_random.Next(2) == 0)
            {
                string clone = $"c{_names++}";
                Note($"clone {name} {clone}");
                _pool.Clone(name, clone);
                _model.Files[clone] = _model[name];
            }
            else
            {
                bool isWritable = _random.Next(4) == 0;
                string snapshot = $"{name.Split('@')[0]}@{(isWritable ? 'w' : 's')}{_names++}";
                Note($"snapshot {name} {snapshot}");
                _pool.CreateSnapshots([(name, snapshot)], isWritable);
                _model.Files[snapshot] = _model[name];
            }
        }

        private void RollBack()
        {
            string snapshot = Any();
            if (!snapshot.Contains('@') || TestPool.RollbackTarget(_pool, snapshot) is not { } volume)
            {
                return;
            }

            bool isKept = _model.Files.Count < MaxFiles && _random.Next(2) == 0;
            Note($"roll {volume} back to {snapshot}, keep: {isKept}");
            if (isKept)
            {
                string kept = $"k{_names++}";
                _pool.RollBack(snapshot, new RollbackOptions(KeepAs: kept)).Kept!.Name.Should().Be($"{volume}@{kept}");
                _model.Files[$"{volume}@{kept}"] = _model[volume];
            }
            else
            {
                _pool.RollBack(snapshot, new RollbackOptions(DiscardCurrent: true));
            }

            _model.Files[volume] = _model[snapshot];
        }

        private void Flatten()
        {
            if (AnyVolume() is { } name)
            {
                Note($"flatten {name}");
                JobInfo job = _pool.Jobs.WaitForEnd(_pool.Flatten(name, new JobSettings()).Id);
                job.State.Should().Be(JobState.Completed, job.Error);
                VolumeInfo info = _pool.Find(_pool.Find(name)!.Id, withExclusive: true)!;
                info.OriginId.Should().Be(0);
            }
        }

        private void Delete()
        {
            string name = Any();
            Note($"delete {name}");
            _pool.Delete(name);
            _model.Files.Remove(name);
        }

        private void Resize()
        {
            if (AnyVolume() is { } name)
            {
                int size = _random.Next(MaxVolumeBytes / 512) * 512;
                Note($"resize {name} {size}");
                _pool.Resize(name, size);
                _model.Resize(name, size);
            }
        }

        private void Rename()
        {
            if (AnyVolume() is { } name)
            {
                string to = name.Contains('@') ? $"{name}r" : $"r{_names++}";
                Note($"rename {name} {to}");
                _pool.Rename(name, to);
                _model.Files[to] = _model[name];
                _model.Files.Remove(name);
            }
        }

        private void Reopen()
        {
            if (_random.Next(2) == 0)
            {
                Note("reopen");
                _pool.Dispose();
            }
            else
            {
                Note("kill");
                _disk = _disk.AfterKill(_disk.IoCount);
                _pool.Abandon();
            }

            _pool = ThinPool.Open(_disk, EngineOptions.Quiet);
        }

        private void Seek()
        {
            string name = Any();
            byte[] content = _model[name];
            long offset = _random.Next(content.Length + 1);
            Note($"seek {name} {offset}");
            With(name, handle =>
            {
                long data = handle.SeekData(offset);
                long end = data < 0 ? content.Length : data;
                content.AsSpan((int)offset, (int)(end - offset)).ContainsAnyExcept((byte)0).Should().BeFalse($"{name} has data before {data}");
                long hole = handle.SeekHole(offset);
                hole.Should().BeInRange(Math.Min(offset, content.Length), content.Length);
            });
        }
    }
}
