using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Tests.Storage;
using ThinFuse.Pool.Volumes;
using static ThinFuse.Pool.Tests.Faults.BadDisk;

namespace ThinFuse.Pool.Tests.Faults;

/// <summary>A node that is gone: what is on it is an error, and nothing else is.</summary>
public sealed class NodeFailureTests
{
    private const int Chunk = TestPool.ChunkBytes;

    [Theory]
    [InlineData(Errno.ENXIO, SimulatedIoKind.Read)]
    [InlineData(Errno.ENODEV, SimulatedIoKind.Write)]
    [InlineData(Errno.EIO, SimulatedIoKind.Read)]
    [InlineData(Errno.EIO, SimulatedIoKind.Write)]
    public void Volumes_on_other_nodes_go_on(int errno, object firstMet)
    {
        using TestPool test = OnTwoNodes();
        SimulatedDisk disk = test.Disk;
        using VolumeHandle one = test.Volume("one", 16 * Chunk);
        using VolumeHandle other = test.Volume("other", 16 * Chunk);
        byte[] content = TestPool.Pattern(1, 12 * Chunk);
        one.Write(0, content);
        byte[] filled = TestPool.Pattern(2, 12 * Chunk);
        other.Write(0, filled);
        other.Flush();
        int lost = Enumerable.Range(0, 12).First(chunk => ExtentAddress.NodeOf(Own(test, "other", chunk).Extent) == 1);
        Enumerable.Range(0, 12).Should().OnlyContain(chunk => ExtentAddress.NodeOf(Own(test, "one", chunk).Extent) == 0);
        SimulatedFault fault = disk.Inject(new SimulatedFault("/b", SimulatedIoKind.Any, errno) { IsSticky = true });
        Action meet = (SimulatedIoKind)firstMet == SimulatedIoKind.Read
            ? () => other.Read(lost * Chunk, new byte[Chunk])
            : () => other.Write(lost * Chunk, new byte[4096]);
        meet.Should().Throw<StorageException>();
        PoolStatus status = test.Pool.Status();
        status.Nodes.Select(node => node.State).Should().Equal("online", "failed");
        status.Mode.Should().Be(PoolMode.Write);
        (status.AllocatedBytes + status.ReservedBytes + status.FreeBytes + status.HostMissingBytes).Should().Be(status.TotalBytes);
        test.Events.Count(kind => kind == PoolEventKinds.NodeFault).Should().BeGreaterThanOrEqualTo(1);
        test.MustBeClean();

        // What is on the other node, or on none yet, is read, written and synced as ever.
        int hits = fault.Hits;
        PoolContent.Read(test.Pool, "one")[..content.Length].Should().Equal(content);
        byte[] more = TestPool.Pattern(3, 2 * Chunk);
        one.Write(11 * Chunk, more);
        one.Flush();
        PoolContent.Read(test.Pool, "one")[(11 * Chunk)..(13 * Chunk)].Should().Equal(more);
        test.Pool.CreateSnapshot("one", "one@s");
        meet.Should().Throw<StorageException>();
        fault.Hits.Should().Be(hits, "a node that has failed is left alone");
        test.MustBeClean();
        test.Pool.Status().RetiredExtents.Should().Be(0);

        // It is asked again after the next opening.
        disk.ClearFaults();
        meet.Should().Throw<StorageException>();
        one.Dispose();
        other.Dispose();
        test.CloseAndReopen();
        test.Pool.Status().Nodes.Select(node => node.State).Should().Equal("online", "online");
        test.Read("other")[..filled.Length].Should().Equal(filled);
        test.MustBeClean();
    }

    [Fact]
    public void A_write_that_would_begin_on_it_begins_elsewhere()
    {
        using TestPool test = OnTwoNodes();
        SimulatedDisk disk = test.Disk;
        using VolumeHandle volume = test.Volume("vm1", 32 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        volume.Flush();
        disk.Inject(new SimulatedFault("/a", SimulatedIoKind.Any, Errno.ENXIO) { IsSticky = true });
        byte[] data = TestPool.Pattern(2, 6 * Chunk);
        volume.Write(4 * Chunk, data);
        volume.Flush();
        byte[] read = new byte[data.Length];
        volume.Read(4 * Chunk, read);
        read.Should().Equal(data);
        test.Pool.Status().Nodes.Select(node => node.State).Should().Equal("failed", "online");
        test.MustBeClean();
    }

    [Fact]
    public void One_that_fails_with_unsynced_writes_ends_all_promises()
    {
        using TestPool test = OnTwoNodes();
        SimulatedDisk disk = test.Disk;
        using VolumeHandle volume = test.Volume("vm1", 32 * Chunk);
        volume.Write(0, TestPool.Pattern(1, 4 * Chunk));
        disk.Inject(new SimulatedFault("/a", SimulatedIoKind.Any, Errno.ENXIO) { IsSticky = true });
        Action flush = volume.Flush;
        flush.Should().Throw<StorageException>();
        flush.Should().Throw<PoolException>();
        test.Pool.Status().Should().Match<PoolStatus>(status => status.Mode == PoolMode.ReadOnly && status.NeedsCheck);
    }

    [Fact]
    public void One_whose_file_was_removed_is_told_of_once_and_used_as_before()
    {
        using TestPool test = TestPool.Create(16);
        using VolumeHandle volume = test.Volume("vm1", Chunk);
        test.Disk.Delete("nodes/n-0.data");
        test.Pool.MaintainNow();
        test.Pool.MaintainNow();
        test.Events.Count(kind => kind == PoolEventKinds.NodeFault).Should().Be(1);
        byte[] data = TestPool.Pattern(1, Chunk);
        volume.Write(0, data);
        volume.Flush();
        test.Read("vm1").Should().Equal(data);
    }

    [Fact]
    public void A_file_that_was_cut_off_reads_as_errors_and_never_as_zeros()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.FullPath, "pool");
        ThinPool.Create(path, EngineOptions.Pool(64 * Chunk, Chunk));
        using ThinPool pool = ThinPool.Open(path, EngineOptions.Quiet);
        pool.CreateVolume("vm1", 8 * Chunk);
        using VolumeHandle volume = pool.Open(pool.Find("vm1")!.Id);
        volume.Write(0, TestPool.Pattern(1, 8 * Chunk));
        volume.Flush();
        using (FileStream node = new(Path.Combine(path, "nodes", "n-0.data"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            node.SetLength(Node.DataStartBytes + (4 * Chunk));
        }

        byte[] read = new byte[8 * Chunk];
        ReadOperation operation = volume.RentRead();
        volume.MapRead(operation, 0, read.Length);
        operation.MoveUpToFault(read).Should().Be(4 * Chunk, "what is there can be read");
        volume.Return(operation);
        read[..(4 * Chunk)].Should().Equal(TestPool.Pattern(1, 8 * Chunk)[..(4 * Chunk)]);
        Action behind = () => volume.Read(6 * Chunk, new byte[512]);
        behind.Should().Throw<StorageException>();
        pool.Status().Nodes[0].State.Should().Be("failed");
        Action write = () => volume.Write(7 * Chunk, new byte[4096]);
        write.Should().Throw<StorageException>("it would make the file long again, and zeros of what was cut off");
    }

    private static TestPool OnTwoNodes()
    {
        SimulatedDisk disk = new();
        ThinPool.Create(disk, EngineOptions.Pool(16 * Chunk, Chunk) with { NodePaths = ["/a", "/b"] });
        return TestPool.Open(disk);
    }
}
