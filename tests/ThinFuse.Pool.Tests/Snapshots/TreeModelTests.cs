using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Snapshots;

/// <summary>
/// Random trees of snapshots, writable ones, clones, rollbacks, flattened volumes and deletions beside random writes: after each step every file reads as
/// its array, and what the pool says that deleting gives back is what it gives back.
/// </summary>
public sealed class TreeModelTests(ITestOutputHelper output)
{
    private const int ChunkBytes = 16 << 10;
    private const int SizeBytes = 12 * ChunkBytes;
    private const int Steps = 240;
    private const int StepsPerTrial = 8;
    private const int MaxFiles = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_file_reads_as_the_model_says_and_exclusive_bytes_are_what_deleting_gives_back(int seed)
    {
        output.WriteLine($"seed {seed}");
        SimulatedDisk disk = new() { DirectAlignmentBytes = 512 };
        ThinPool.Create(disk, EngineOptions.Pool(16 << 20, ChunkBytes));
        using ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet);
        TreeRun run = new(pool, new Random(seed));
        List<string> trace = [];
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                trace.Add(run.Step());
                PoolContent.MustMatch(pool, run.Model.Files, $"step {step}");
                if (step % StepsPerTrial == 0)
                {
                    pool.ReclaimNow();
                    pool.Check().Problems.Should().BeEmpty();
                    TryEachDeletion(pool, disk.AfterKill(disk.IoCount));
                }
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {string.Join("; ", trace.TakeLast(40))}", e);
        }
    }

    /// <summary>Deletes each file in a copy of the pool, and sees what comes back.</summary>
    private static void TryEachDeletion(ThinPool pool, SimulatedDisk copy)
    {
        foreach (VolumeInfo info in pool.Volumes())
        {
            using ThinPool trial = ThinPool.Open(copy.AfterKill(copy.IoCount), EngineOptions.Quiet);
            trial.ReclaimNow();
            long before = trial.Status().AllocatedBytes;
            trial.Delete(info.Name);
            trial.ReclaimNow();
            (before - trial.Status().AllocatedBytes).Should().Be(info.ExclusiveBytes, info.Name);

            foreach (VolumeInfo other in trial.Volumes(withExclusive: false))
            {
                trial.Delete(other.Name);
            }

            trial.ReclaimNow();
            trial.Status().AllocatedBytes.Should().Be(0);
        }
    }

    private sealed class TreeRun(ThinPool pool, Random random)
    {
        private int _names;

        public ModelPool Model { get; } = new();

        public string Step()
        {
            int choice = random.Next(100);
            string[] writable = [.. Model.Files.Keys.Where(name => !name.Contains('@') || name.Contains("@w"))];
            if (writable.Length == 0 || (choice < 4 && Model.Files.Count < MaxFiles))
            {
                string name = $"v{_names++}";
                pool.CreateVolume(name, SizeBytes);
                Model.Files[name] = new byte[SizeBytes];
                return $"create {name}";
            }

            string any = Model.Files.Keys.ElementAt(random.Next(Model.Files.Count));
            string volume = writable[random.Next(writable.Length)];
            bool hasRoom = Model.Files.Count < MaxFiles;
            return choice switch
            {
                < 45 => Write(volume),
                < 55 => Punch(volume),
                < 68 when hasRoom => Snapshot(any),
                < 73 when hasRoom => Clone(any),
                < 82 when hasRoom => RollBack(any),
                < 86 => Flatten(volume),
                < 94 when Model.Files.Count > 3 => Delete(any),
                < 98 => Resize(volume),
                _ => Reclaim(),
            };
        }

        private string Write(string name)
        {
            byte[] data = TestPool.Pattern(random.Next(), random.Next(1, 30_000));
            int offset = random.Next(SizeBytes);
            With(name, handle => handle.Write(offset, data));
            Model.Write(name, offset, data);
            return $"write {name} {offset}+{data.Length}";
        }

        private string Punch(string name)
        {
            int offset = random.Next(SizeBytes);
            int length = random.Next(60_000);
            With(name, handle => handle.Punch(offset, length));
            Model.Punch(name, offset, length);
            return $"punch {name} {offset}+{length}";
        }

        private string Snapshot(string name)
        {
            bool isWritable = random.Next(3) == 0;
            string snapshot = $"{name.Split('@')[0]}@{(isWritable ? 'w' : 's')}{_names++}";
            pool.CreateSnapshots([(name, snapshot)], isWritable);
            Model.Files[snapshot] = Model[name];
            return $"snapshot {snapshot} of {name}";
        }

        private string Clone(string name)
        {
            string clone = $"c{_names++}";
            pool.Clone(name, clone);
            Model.Files[clone] = Model[name];
            return $"clone {clone} of {name}";
        }

        private string RollBack(string snapshot)
        {
            if (!snapshot.Contains('@') || TestPool.RollbackTarget(pool, snapshot) is not { } volume)
            {
                return "no rollback";
            }

            string kept = $"k{_names++}";
            bool isKept = random.Next(2) == 0;
            pool.RollBack(snapshot, isKept ? new RollbackOptions(KeepAs: kept) : new RollbackOptions(DiscardCurrent: true));
            if (isKept)
            {
                Model.Files[$"{volume}@{kept}"] = Model[volume];
            }

            Model.Files[volume] = Model[snapshot];
            return $"roll {volume} back to {snapshot}, kept: {isKept}";
        }

        private string Flatten(string name)
        {
            pool.Jobs.WaitForEnd(pool.Flatten(name, new JobSettings()).Id).State.Should().Be(JobState.Completed);
            return $"flatten {name}";
        }

        private string Delete(string name)
        {
            pool.Delete(name);
            Model.Files.Remove(name);
            return $"delete {name}";
        }

        private string Resize(string name)
        {
            int size = random.Next(SizeBytes / 512) * 512;
            pool.Resize(name, size);
            Model.Resize(name, size);
            return $"resize {name} {size}";
        }

        private string Reclaim()
        {
            pool.ReclaimNow();
            return "reclaim";
        }

        private void With(string name, Action<VolumeHandle> action)
        {
            using VolumeHandle handle = pool.Open(pool.Find(name)!.Id);
            action(handle);
        }
    }
}
