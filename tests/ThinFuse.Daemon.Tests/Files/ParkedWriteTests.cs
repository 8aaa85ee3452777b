using System.Diagnostics;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Tests.Files;

[Collection(MountCollection.Name)]
public sealed class ParkedWriteTests : IDisposable
{
    private const int Block = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MountedPool _pool = new();
    private readonly VolumeHandle _volume;
    private readonly WriteOperation _obstacle;

    public ParkedWriteTests()
    {
        // A write that is mapped and not published: whoever wants the same block has to wait for it.
        _volume = _pool.Pool.Open(_pool.Pool.CreateVolume("vm1", 1 << 20).Id);
        _obstacle = _volume.RentWrite();
        _volume.MapWrite(_obstacle, 0, new byte[Block], new NeverParked()).Should().Be(MapOutcome.Ready);
    }

    public void Dispose()
    {
        _volume.Return(_obstacle);
        _volume.Dispose();
        _pool.Dispose();
    }

    [SkippableFact]
    public async Task A_write_waits_for_the_one_in_its_way_and_then_goes_on()
    {
        Task write = WriteAsync(0, 7);
        _pool.WaitUntilParked(1);
        write.IsCompleted.Should().BeFalse();

        _obstacle.Abort();
        await write.WaitAsync(Patience);

        ReadByte(0).Should().Be(7);
        _pool.MustEnd();
    }

    [SkippableFact]
    public async Task More_writes_than_threads_may_wait_and_others_pass_them()
    {
        const int Waiting = 40;
        Task[] writes = [.. Enumerable.Range(0, Waiting).Select(_ => WriteAsync(0, 9))];
        _pool.WaitUntilParked(Waiting);

        await WriteAsync(512 << 10, 5).WaitAsync(Patience);
        ReadByte(512 << 10).Should().Be(5);

        _obstacle.Abort();
        await Task.WhenAll(writes).WaitAsync(Patience);
        ReadByte(0).Should().Be(9);
        _pool.MustEnd();
    }

    [SkippableFact]
    public void A_waiting_writer_gives_way_to_a_signal()
    {
        using Process writer = Process.Start(
            "/usr/bin/dd", ["if=/dev/zero", $"of={_pool.PathOf("vm1")}", "bs=4096", "count=1", "conv=notrunc", "status=none"]);
        _pool.WaitUntilParked(1);

        writer.Kill();

        // It ends while the obstacle is still there.
        writer.WaitForExit(Patience).Should().BeTrue();
        _obstacle.Abort();
        _pool.MustEnd();
    }

    private Task WriteAsync(long offsetBytes, byte value) => Task.Factory.StartNew(
        () =>
        {
            using FileStream file = Open(FileAccess.Write, offsetBytes);
            file.Write([.. Enumerable.Repeat(value, Block)]);
        },
        TaskCreationOptions.LongRunning);

    private int ReadByte(long offsetBytes)
    {
        using FileStream file = Open(FileAccess.Read, offsetBytes);
        return file.ReadByte();
    }

    private FileStream Open(FileAccess access, long offsetBytes) =>
        new(_pool.PathOf("vm1"), FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0) { Position = offsetBytes };

    private sealed class NeverParked : IParked
    {
        public void Resume() => throw new InvalidOperationException("the first write has nothing to wait for");
    }
}
