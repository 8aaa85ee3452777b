using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What a pool says that deleting a file gives back is what it gives back.</summary>
internal static class ExclusiveBytes
{
    /// <summary>Deletes each file in a copy of the pool, and sees what comes back; then all others. Nothing waits to be reclaimed.</summary>
    internal static void MustBeWhatDeletingGives(TestPool test)
    {
        test.Pool.ReclaimNow();
        SimulatedDisk copy = test.Disk.AfterKill(test.Disk.IoCount);
        foreach (VolumeInfo info in test.Pool.Volumes())
        {
            using ThinPool trial = ThinPool.Open(copy.AfterKill(copy.IoCount), EngineOptions.Quiet);
            trial.ReclaimNow();
            long before = trial.Status().AllocatedBytes;
            Delete(trial, info);
            trial.ReclaimNow();
            (before - trial.Status().AllocatedBytes).Should().Be(info.ExclusiveBytes, info.Name);

            foreach (VolumeInfo other in trial.Volumes(withExclusive: false))
            {
                Delete(trial, other);
            }

            trial.ReclaimNow();
            trial.Status().Should().Match<PoolStatus>(status => status.AllocatedBytes == 0 && status.ReservedBytes == 0);
            trial.OpenOrigins.Should().Be(0);
        }
    }

    private static void Delete(ThinPool pool, VolumeInfo info)
    {
        foreach (SnapshotHold hold in info.Holds)
        {
            pool.Release(info.Name, hold.Name);
        }

        pool.Delete(info.Name);
    }
}
