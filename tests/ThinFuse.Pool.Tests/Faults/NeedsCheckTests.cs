using ThinFuse.Pool.Recovery;
using ThinFuse.Pool.Recovery.Checking;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>A pool that could not write its metadata, or sync, can only be read until a check has found it sound, however often it is opened.</summary>
public sealed class NeedsCheckTests
{
    private const int Chunk = TestPool.ChunkBytes;

    [Theory]
    [InlineData(TestPool.NodeFiles, SimulatedIoKind.Flush)]
    [InlineData(TestPool.JournalFiles, SimulatedIoKind.Flush)]
    [InlineData(TestPool.JournalFiles, SimulatedIoKind.Write)]
    [InlineData("*/superblock", SimulatedIoKind.Write)]
    [InlineData("*/superblock", SimulatedIoKind.Flush)]
    public void It_is_opened_for_reading_only_until_it_was_checked(string files, object kinds)
    {
        SimulatedDisk disk;
        byte[] content = TestPool.Pattern(1, Chunk);
        using (TestPool test = TestPool.Create(16))
        {
            using VolumeHandle volume = test.Volume("vm1", 4 * Chunk);
            volume.Write(0, content);
            volume.Flush();
            volume.Write(Chunk, content);
            test.Pool.Status().NeedsCheck.Should().BeFalse();
            test.Disk.Inject(new SimulatedFault(files, (SimulatedIoKind)kinds, Errno.EIO));
            Action fail = () =>
            {
                volume.Write(2 * Chunk, content);
                volume.Flush();
                test.Pool.Checkpoint();
            };
            fail.Should().Throw<Exception>().Which.Should().Match(e => e is StorageException || e is PoolException);
            test.Pool.Status().Should().Match<PoolStatus>(status => status.Mode == PoolMode.ReadOnly && status.NeedsCheck);
            disk = test.Disk.AfterKill(test.Disk.IoCount);
        }

        for (int round = 0; round < 2; round++)
        {
            int ios = disk.IoCount;
            using (ThinPool pool = ThinPool.Open(disk, EngineOptions.Quiet with { BackgroundReclaim = true, CommitIntervalMs = 1 }))
            {
                pool.Status().Should().Match<PoolStatus>(status => status.Mode == PoolMode.ReadOnly && status.NeedsCheck);
                PoolContent.Read(pool, "vm1")[..(2 * Chunk)].Should().Equal([.. content, .. content]);
                using VolumeHandle volume = pool.Open(pool.Find("vm1")!.Id);
                foreach (Action refused in (Action[])[() => volume.Write(0, new byte[512]), volume.Flush, () => volume.Punch(0, Chunk), pool.Commit, () => pool.Delete("vm1")])
                {
                    refused.Should().Throw<PoolException>().Which.Should().Match<PoolException>(
                        e => e.Kind == PoolErrorKind.Failed && e.Message.Contains("thinfuse pool check") && !e.Message.Contains('\n'));
                }
            }

            disk.IoCount.Should().Be(ios, "nothing of it changes on disk");
        }

        CheckReport report = OfflineCheck.RunAndClear(disk, SimulatedDisk.PoolDirectory, progress: null);
        report.Problems.Should().BeEmpty();
        report.WasNeededFor.Should().NotBeNullOrEmpty();
        OfflineCheck.RunAndClear(disk, SimulatedDisk.PoolDirectory, progress: null).WasNeededFor.Should().BeNull();
        using TestPool after = TestPool.Open(disk.AfterPowerCut(disk.IoCount, 0));
        after.Pool.Status().Should().Match<PoolStatus>(status => status.Mode == PoolMode.Write && !status.NeedsCheck);
        using VolumeHandle again = after.Handle("vm1");
        again.Write(0, content);
        again.Flush();
    }

    [Fact]
    public void A_check_that_finds_damage_leaves_it_as_it_is()
    {
        SimulatedDisk disk = new();
        ThinPool.Create(disk, EngineOptions.Pool(16 * Chunk, Chunk));
        NeedsCheck.Set(disk, "flush of n-0 failed");
        string table = disk.List("table").First(name => name.EndsWith(".checkpoint", StringComparison.Ordinal));
        using (IStorageFile file = disk.Open($"table/{table}", StorageOpenMode.ReadWrite, StorageCaching.Cached))
        {
            file.Write(8, [1, 2, 3, 4]);
        }

        CheckReport report = OfflineCheck.RunAndClear(disk, SimulatedDisk.PoolDirectory, progress: null);
        report.Problems.Should().NotBeEmpty();
        report.WasNeededFor.Should().BeNull();
        NeedsCheck.Find(disk).Should().Be("flush of n-0 failed");
    }

    [Fact]
    public void A_commit_that_fails_fails_for_all_who_wait_for_it_and_for_all_who_come_later()
    {
        using TestPool test = TestPool.Create(64);
        VolumeHandle[] volumes = [.. Enumerable.Range(0, 6).Select(i => test.Volume($"vm{i}", Chunk))];
        foreach (VolumeHandle volume in volumes)
        {
            volume.Write(0, TestPool.Pattern(1, Chunk));
        }

        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Flush);
        test.Disk.Inject(new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Flush, Errno.EIO));
        BackgroundCall[] flushes = [.. volumes.Select((volume, i) => BackgroundCall.Start($"flush {i}", volume.Flush))];
        hold.WaitUntilReached();
        Array.ForEach(flushes, flush => flush.WaitUntilWaiting());
        hold.Release();
        foreach (BackgroundCall flush in flushes)
        {
            flush.Join().Should().NotBeNull().And.Match(e => e is StorageException || e is PoolException);
        }

        foreach (VolumeHandle volume in volumes)
        {
            Action again = volume.Flush;
            again.Should().Throw<PoolException>();
            volume.Dispose();
        }
    }
}
