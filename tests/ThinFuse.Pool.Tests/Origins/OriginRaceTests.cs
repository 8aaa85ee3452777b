using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>An origin is copied while volumes above it are written, read, cloned and deleted: nobody ever sees anything else than what they should.</summary>
public sealed class OriginRaceTests(ITestOutputHelper output)
{
    private const int SizeBytes = 2 << 20;
    private const int SliceBytes = 4096;
    private const int Writers = 2;
    private const int Rounds = 6;

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void Nothing_is_lost_beside_hydration(int seed)
    {
        output.WriteLine($"seed {seed}");
        for (int round = 0; round < Rounds; round++)
        {
            Race(seed + (round * 100), isFrozen: round % 2 == 0);
        }
    }

    [Fact]
    public void A_write_that_holds_its_chunk_is_waited_for_and_wins()
    {
        using TestPool test = TestPool.Create(64, alignmentBytes: 512);
        byte[] expected = OriginFiles.Make(test.Disk, "base", 1, TestPool.ChunkBytes);
        test.Pool.CreateVolumeOn("vm1", OriginFiles.PathOf("base"));
        using VolumeHandle vm1 = test.Handle("vm1");
        byte[] data = TestPool.Pattern(3, 8192);
        data.CopyTo(expected, 4096);
        SimulatedHold hold = test.Disk.Hold(TestPool.NodeFiles, SimulatedIoKind.Write);
        BackgroundCall write = BackgroundCall.Start("write", () => vm1.Write(4096, data));
        hold.WaitUntilReached();
        BackgroundCall hydrate = BackgroundCall.Start(
            "hydrate", () => test.Pool.Jobs.WaitForEnd(test.Pool.Hydrate("vm1", settings => settings).Id).State.Should().Be(JobState.Completed));
        hydrate.WaitUntilWaiting();
        hydrate.HasEnded.Should().BeFalse();

        hold.Release();

        write.Finish();
        hydrate.Finish();
        test.Disk.Delete(OriginFiles.PathOf("base"));
        test.Read("vm1").Should().Equal(expected);
        test.MustBeClean();
    }

    [Fact]
    public void A_reader_that_was_sent_to_the_origin_still_finds_it_open()
    {
        using TestPool test = TestPool.Create(64, alignmentBytes: 512);
        byte[] expected = OriginFiles.Make(test.Disk, "base", 1, TestPool.ChunkBytes);
        test.Pool.CreateVolumeOn("vm1", OriginFiles.PathOf("base"));
        using VolumeHandle vm1 = test.Handle("vm1");
        SimulatedHold hold = test.Disk.Hold("*/base", SimulatedIoKind.Read);
        byte[] read = new byte[expected.Length];
        BackgroundCall reader = BackgroundCall.Start("read", () => vm1.Read(0, read));
        hold.WaitUntilReached();
        BackgroundCall hydrate = BackgroundCall.Start(
            "hydrate", () => test.Pool.Jobs.WaitForEnd(test.Pool.Hydrate("vm1", settings => settings).Id));
        hydrate.WaitUntilWaiting();
        hydrate.HasEnded.Should().BeFalse("the origin is closed when nobody reads it any more");
        test.Pool.Find("vm1")!.ExternalOrigin.Should().BeNull();
        test.Read("vm1").Should().Equal(expected);

        hold.Release();

        reader.Finish();
        hydrate.Finish();
        read.Should().Equal(expected);
        test.Pool.OpenOrigins.Should().Be(0);
    }

    private static void Race(int seed, bool isFrozen)
    {
        using TestPool test = TestPool.Create(1024, 16 << 10, 512);
        byte[] origin = OriginFiles.Make(test.Disk, "base", seed, SizeBytes, (300 << 10, 400 << 10));
        test.Pool.CreateVolumeOn("vm1", OriginFiles.PathOf("base"));
        if (isFrozen)
        {
            test.Pool.CreateSnapshot("vm1", "vm1@s");
        }

        byte[] expected = [.. origin];
        using VolumeHandle vm1 = test.Handle("vm1");
        List<BackgroundCall> calls =
        [
            .. Enumerable.Range(0, Writers).Select(writer => BackgroundCall.Start($"write {writer}", () => Write(vm1, expected, seed, writer))),
            BackgroundCall.Start("clone", () => CloneAndDelete(test.Pool, seed)),
        ];
        test.Pool.Jobs.WaitForEnd(test.Pool.Hydrate("vm1", settings => settings).Id).State.Should().Be(JobState.Completed);
        test.Disk.Delete(OriginFiles.PathOf("base"));
        calls.ForEach(call => call.Finish());

        test.Read("vm1").Should().Equal(expected);
        if (isFrozen)
        {
            test.Read("vm1@s").Should().Equal(origin);
        }

        test.Pool.ReclaimNow();
        test.MustBeClean();
    }

    /// <summary>Each writer has slices of its own, and reads them and the neighbours back as it goes.</summary>
    private static void Write(VolumeHandle volume, byte[] expected, int seed, int writer)
    {
        Random random = new(seed + writer);
        byte[] read = new byte[SliceBytes];
        for (int step = 0; step < 400; step++)
        {
            int slice = (random.Next(SizeBytes / SliceBytes / Writers) * Writers) + writer;
            int from = random.Next(8) * 512;
            byte[] data = TestPool.Pattern(step, (random.Next(8 - (from / 512)) + 1) * 512);
            long offset = (slice * (long)SliceBytes) + from;
            volume.Write(offset, data);
            data.CopyTo(expected, offset);
            volume.Read(slice * (long)SliceBytes, read);
            read.AsSpan().SequenceEqual(expected.AsSpan(slice * SliceBytes, SliceBytes)).Should().BeTrue($"slice {slice} at step {step}");
        }
    }

    private static void CloneAndDelete(ThinPool pool, int seed)
    {
        for (int i = 0; i < 10; i++)
        {
            string name = $"c{seed}-{i}";
            pool.Clone("vm1", name);
            pool.CreateSnapshot("vm1", $"vm1@{name}");
            pool.Delete(i % 2 == 0 ? name : $"vm1@{name}");
            pool.ReclaimNow();
        }
    }
}
