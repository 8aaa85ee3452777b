using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>A node that does not answer: who only asks how the pool is gets an answer.</summary>
public sealed class StalledNodeTests
{
    private const int Chunk = TestPool.ChunkBytes;

    [Fact]
    public void Status_shows_what_is_known_while_a_node_does_not_sync()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        volume.Punch(0, 4 * Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Flush);
        BackgroundCall flush = BackgroundCall.Start("flush", volume.Flush);
        hold.WaitUntilReached();
        BackgroundCall.Run("status", () =>
        {
            test.Pool.Status().FreeBytes.Should().Be(12 * Chunk, "freed extents wait for a commit");
            test.Pool.Status().FreeBytes.Should().Be(12 * Chunk);
        });
        hold.Release();
        flush.Finish();
        test.Pool.Status().FreeBytes.Should().Be(16 * Chunk);
        test.MustBeClean();
    }

    [Fact]
    public void Names_and_status_are_there_while_a_node_that_grows_does_not_answer()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", 8 * Chunk);
        using SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Allocate);
        BackgroundCall grow = BackgroundCall.Start("grow", () => test.Pool.Grow(32 * Chunk));
        hold.WaitUntilReached();
        BackgroundCall.Run("status, a new volume, and a write", () =>
        {
            test.Pool.Status().TotalBytes.Should().Be(16 * Chunk);
            test.Pool.CreateVolume("vm2", Chunk);
            volume.Write(0, TestPool.Pattern(1, Chunk));
        });
        hold.Release();
        grow.Finish();
        test.Pool.Status().TotalBytes.Should().Be(32 * Chunk);
        test.MustBeClean();
    }
}
