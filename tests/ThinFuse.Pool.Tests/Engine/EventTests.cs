using System.Reflection;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

public sealed class EventTests : IDisposable
{
    private readonly TestPool _test = TestPool.Create(64);
    private readonly List<PoolEvent> _seen = [];

    public EventTests() => _test.Pool.Happened += _seen.Add;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Each_change_of_a_name_or_size_is_told_once_with_its_fields()
    {
        _test.Pool.CreateVolume("vm1", 4096);
        _test.Pool.Resize("vm1", 8192);
        _test.Pool.Resize("vm1", 8192);
        _test.Pool.Resize("vm1", 512);
        _test.Pool.CreateSnapshot("vm1", "vm1@monday");
        _test.Pool.Clone("vm1@monday", ["a", "b"]);
        _test.Pool.Rename("vm1", "vm2");
        _test.Pool.Rename("vm1@monday", "vm2@monday");
        _test.Pool.Delete("vm2@monday");
        _test.Pool.Delete("vm2");

        _seen.Should().OnlyContain(happened => happened.At.Offset == TimeSpan.Zero && happened.Message.Length > 0);
        _seen.Select(happened => happened with { At = default, Message = "" }).Should().Equal(
            Bare(PoolEventKinds.VolumeCreated) with { Volume = "vm1", SizeBytes = 4096 },
            Bare(PoolEventKinds.VolumeResized) with { Volume = "vm1", SizeBytes = 8192, PreviousSizeBytes = 4096 },
            Bare(PoolEventKinds.VolumeResized) with { Volume = "vm1", SizeBytes = 512, PreviousSizeBytes = 8192 },
            Bare(PoolEventKinds.SnapshotCreated) with { Volume = "vm1@monday", Origin = "vm1", SizeBytes = 512 },
            Bare(PoolEventKinds.VolumeCloned) with { Volume = "a", Origin = "vm1@monday", SizeBytes = 512, Count = 2 },
            Bare(PoolEventKinds.VolumeRenamed) with { Volume = "vm2", PreviousName = "vm1" },
            Bare(PoolEventKinds.SnapshotRenamed) with { Volume = "vm2@monday", PreviousName = "vm1@monday" },
            Bare(PoolEventKinds.SnapshotDeleted) with { Volume = "vm2@monday" },
            Bare(PoolEventKinds.VolumeDeleted) with { Volume = "vm2" });
    }

    [Fact]
    public void What_is_refused_is_not_told()
    {
        _test.Pool.Invoking(pool => pool.CreateVolume("a/b", 512)).Should().Throw<PoolException>();
        _test.Pool.Invoking(pool => pool.Delete("vm1")).Should().Throw<PoolException>();
        _test.Pool.Invoking(pool => pool.Rename("vm1", "vm2")).Should().Throw<PoolException>();

        _seen.Should().BeEmpty();
    }

    [Fact]
    public void A_node_that_fails_is_named_once_and_not_for_each_io()
    {
        using VolumeHandle volume = _test.Volume("vm1", 4 * TestPool.ChunkBytes);
        volume.Write(0, TestPool.Pattern(1, TestPool.ChunkBytes));
        _seen.Clear();
        _test.Disk.Inject(new SimulatedFault("*n-0*", SimulatedIoKind.Read, Errno.EIO) { IsSticky = true, FromBytes = Node.DataStartBytes });
        byte[] buffer = new byte[TestPool.BlockBytes];
        volume.Invoking(handle => handle.Read(0, buffer)).Should().Throw<StorageException>();
        volume.Invoking(handle => handle.Read(0, buffer)).Should().Throw<StorageException>();

        ReadOperation read = volume.RentRead();
        volume.MapRead(read, 0, buffer.Length);
        read.NoteFault(Errno.EIO);
        read.Finish();
        volume.Return(read);

        PoolEvent fault = _seen.Should().ContainSingle().Subject;
        fault.Should().BeEquivalentTo(Bare(PoolEventKinds.NodeFault) with { Node = "n-0", Count = 1 }, options => options.Excluding(e => e.At).Excluding(e => e.Message));
        fault.Message.Should().Contain("failed to read");
    }

    [Fact]
    public void A_transfer_that_failed_elsewhere_names_the_node_and_a_full_host_is_no_fault()
    {
        using VolumeHandle volume = _test.Volume("vm1", 4 * TestPool.ChunkBytes);
        volume.Write(0, TestPool.Pattern(1, TestPool.ChunkBytes));
        _seen.Clear();
        ReadOperation read = volume.RentRead();
        volume.MapRead(read, 0, TestPool.ChunkBytes);
        read.NoteFault(Errno.ENOSPC);
        _seen.Should().BeEmpty();
        read.NoteFault(Errno.EIO);
        read.Finish();
        volume.Return(read);

        _seen.Should().ContainSingle().Which.Node.Should().Be("n-0");
    }

    [Fact]
    public void Kinds_are_distinct_lower_case_words() => Kinds().Should().OnlyHaveUniqueItems().And.AllSatisfy(kind => kind.Should().MatchRegex("^[a-z]+(_[a-z]+)*$"));

    private static IEnumerable<string> Kinds() =>
        typeof(PoolEventKinds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

    private static PoolEvent Bare(string kind) => new(kind, "", default);
}
