using System.Globalization;
using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Faults;

/// <summary>Pools whose disk has bad places, fails to sync, or goes away.</summary>
public sealed class FaultyDiskTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Mebibyte = 1 << 20;
    private const int Chunk = 64 << 10;
    private const int Block = 4096;

    private FaultyDisk? _disk;

    [SkippableTheory]
    [OnEachTransport]
    public void A_bad_place_is_EIO_for_itself_and_a_write_to_it_goes_elsewhere(string transport)
    {
        PoolFixture pool = OnFaultyDisk(32, transport);
        string volume = pool.CreateVolume("vm1", "16M");
        byte[] content = new byte[2 * Mebibyte];
        Seeded(1).NextBytes(content);
        using RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite);
        file.Write(0, content.AsSpan(0, Mebibyte)).Should().Be(Mebibyte);
        file.Write(Mebibyte, content.AsSpan(Mebibyte)).Should().Be(Mebibyte);
        file.Sync().Should().Be(0);
        string snapshot = pool.Snapshot("vm1", "s");

        // One block in the middle of the first MiB, which the transports read as one piece.
        long bad = NodeByteOf(pool, "vm1@s", (5 * Chunk) + (3 * Block));
        _disk!.Break(bad, Block, reads: true, writes: true);
        byte[] read = new byte[Mebibyte];
        int before = (5 * Chunk) + (3 * Block);
        file.Read(0, read).Should().Be(before, "what comes before it is there");
        read.AsSpan(0, before).SequenceEqual(content.AsSpan(0, before)).Should().BeTrue();
        file.Read(before, read).Should().Be(-Errno.EIO);
        file.Read(before, read.AsSpan(0, Block)).Should().Be(-Errno.EIO);
        file.Read(before + Block, read.AsSpan(0, Mebibyte - before - Block)).Should().Be(Mebibyte - before - Block);
        read.AsSpan(0, Mebibyte - before - Block).SequenceEqual(content.AsSpan(before + Block, Mebibyte - before - Block)).Should().BeTrue();
        file.Read(Mebibyte, read).Should().Be(Mebibyte);
        file.Write(before + 10, new byte[100]).Should().Be(-Errno.EIO, "what is around it in the block is not known");
        Tool.Run("cat", snapshot).MustFail("Input/output error");
        ThinFuseProgram.Run("send", snapshot).MustFail($"vm1@s offset {before}");
        pool.Status().GetProperty("mode").GetString().Should().Be("write");

        // A whole block is written elsewhere, and is well.
        byte[] data = new byte[Block];
        Seeded(2).NextBytes(data);
        file.Write(before, data).Should().Be(Block);
        data.CopyTo(content, before);
        Read(file, content.Length).Should().Equal(content);

        // The next write to a bad place of the volume's own moves what is beside it.
        long own = NodeByteOf(pool, "vm1", before);
        _disk.Break(own - (own % Block) - Block, 2 * Block, reads: false, writes: true);
        file.Write(before, content.AsSpan(before, Block)).Should().Be(Block);
        file.Sync().Should().Be(0);
        Read(file, content.Length).Should().Equal(content);
        JsonElement status = pool.Status();
        status.GetProperty("retiredExtents").GetInt64().Should().Be(1);
        status.GetProperty("retiredBytes").GetInt64().Should().Be(Chunk);
        File.ReadAllText(Path.Combine(pool.MountPoint, ".thinfuse", "pool", "retired")).Trim().Should().Be($"{Chunk}");
        pool.Log.Should().Contain("node_fault").And.Contain("retired");
        ThinFuseProgram.Json("pool", "whereis", pool.PoolDirectory, $"n-0:{own}").GetProperty("state").GetString().Should().Be("retired");
        pool.MustBeSound();
        file.Dispose();
        pool.Unmount();
        pool.MustBeSound();
        pool.Mount();
        using RawFile again = RawFile.Open(volume, OpenFlags.ReadOnly);
        Read(again, content.Length).Should().Equal(content);
        pool.StatusBytes("retiredExtents").Should().Be(1);
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_filesystem_outlives_bad_places_that_it_writes_to_and_loses_no_other_file_to_one_that_it_reads(string transport)
    {
        Need.Loop();
        FilesystemKind.Ext4.Require();
        PoolFixture pool = OnFaultyDisk(160, transport);
        pool.CreateVolume("vm1", "128M");
        string device = pool.Attach("vm1");
        LoopFilesystem filesystem = pool.Filesystem(device, FilesystemKind.Ext4);
        filesystem.Make();
        filesystem.Mount();
        Random random = Seeded(3);

        // Every eleventh place that nothing is on yet, and each that something is.
        long[] places = [.. Enumerable.Range(0, 150 * Mebibyte / Chunk).Where(i => i % 11 == 3).Select(i => Mebibyte + ((long)i * Chunk) + (random.Next(16) * Block))];
        foreach (long place in places)
        {
            _disk!.Break(place, Block, reads: false, writes: true);
        }

        FileTree.Create(filesystem.MountPoint, random, 150, 128 << 10);
        Tool.Run("sync", "--file-system", filesystem.MountPoint).MustSucceed();
        IReadOnlyDictionary<string, string> tree = FileTree.Checksums(filesystem.MountPoint);
        pool.StatusBytes("retiredExtents").Should().BePositive();
        filesystem.Unmount();
        filesystem.MustBeClean();

        // One file cannot be read in one place: the others can.
        filesystem.Mount();
        string victim = Directory.EnumerateFiles(filesystem.MountPoint, "*", SearchOption.AllDirectories).First(file => new FileInfo(file).Length > 4 * Block);
        long inDevice = FirstBlockOf(victim) * (long)Block;
        _disk!.Break(NodeByteOf(pool, "vm1", inDevice), Block, reads: true, writes: false);
        Tool.Run("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches").MustSucceed();
        foreach (string file in Directory.EnumerateFiles(filesystem.MountPoint, "*", SearchOption.AllDirectories))
        {
            ToolResult cat = Tool.Run("sha256sum", file);
            (cat.ExitCode != 0).Should().Be(file == victim, "{0}: {1}", file, cat.Errors);
        }

        _disk.Mend();
        Tool.Run("sh", "-c", "echo 3 > /proc/sys/vm/drop_caches").MustSucceed();
        FileTree.Checksums(filesystem.MountPoint).Should().Equal(tree);
        filesystem.Unmount();
        filesystem.MustBeClean();
        pool.MustBeSound();
    }

    [SkippableFact]
    public void A_sync_that_fails_leaves_a_pool_that_can_be_read_until_it_was_checked()
    {
        PoolFixture pool = OnFaultyDisk(16, transport: null);
        string volume = pool.CreateVolume("vm1", "8M");
        byte[] content = new byte[Mebibyte];
        Seeded(4).NextBytes(content);
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            file.Write(0, content).Should().Be(Mebibyte);
            file.Sync().Should().Be(0);
            file.Write(0, content).Should().Be(Mebibyte);
            _disk!.BreakFlushes();
            file.Sync().Should().Be(-Errno.EIO);
            _disk.Mend();
            file.Sync().Should().Be(-Errno.EIO, "a flush that failed has failed for good");
            file.Write(0, content).Should().Be(-Errno.EIO);
            Read(file, Mebibyte).Should().Equal(content);
        }

        pool.Status().GetProperty("needsCheck").GetBoolean().Should().BeTrue();
        pool.Mode.Should().Be("read_only");
        pool.Unmount();
        ToolResult mount = ThinFuseProgram.Run("mount", pool.PoolDirectory, pool.MountPoint).MustSucceed();
        mount.Errors.Should().Contain("thinfuse pool check");
        using (RawFile file = RawFile.Open(volume, OpenFlags.ReadWrite))
        {
            Read(file, Mebibyte).Should().Equal(content);
            file.Write(0, content).Should().Be(-Errno.EIO);
        }

        pool.Mode.Should().Be("read_only");
        pool.Unmount();
        ThinFuseProgram.Run("pool", "check", pool.PoolDirectory).MustSucceed().Output.Should().Contain("can be written to again");
        pool.Mount();
        pool.Mode.Should().Be("write");
        using RawFile after = RawFile.Open(volume, OpenFlags.ReadWrite);
        after.Write(0, content).Should().Be(Mebibyte);
        after.Sync().Should().Be(0);
    }

    [SkippableTheory]
    [OnEachTransport]
    public void When_a_disk_goes_away_the_volumes_on_others_go_on(string transport)
    {
        Need.Fuse();
        _disk = new FaultyDisk(Scratch, 17 * Mebibyte);
        PoolFixture pool = NewPool("16M", transport: transport);
        pool.Mount();
        string here = pool.CreateVolume("here", "16M");
        byte[] content = new byte[15 * Mebibyte];
        Seeded(5).NextBytes(content);
        File.WriteAllBytes(here, content);
        ThinFuseProgram.Run("pool", "grow", pool.MountPoint, "--node", _disk.DiskPath).MustSucceed();
        string there = pool.CreateVolume("there", "16M");
        File.WriteAllBytes(there, content[..(8 * Mebibyte)]);
        Tool.Run("sync", here, there).MustSucceed();
        using RawFile gone = RawFile.Open(there, OpenFlags.ReadWrite);
        using RawFile left = RawFile.Open(here, OpenFlags.ReadWrite);

        _disk.Vanish();

        gone.Read(4 * Mebibyte, new byte[Block]).Should().Be(-Errno.EIO);
        gone.Write(4 * Mebibyte, new byte[Block]).Should().Be(-Errno.EIO);
        pool.Status().GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("state").GetString()).Should().Equal("online", "failed");
        Read(left, 15 * Mebibyte).Should().Equal(content);
        left.Write(0, content.AsSpan(0, Mebibyte)).Should().Be(Mebibyte);
        left.Sync().Should().Be(0);
        pool.Mode.Should().Be("write");
        pool.Log.Should().Contain("n-1").And.Contain("has failed");
        pool.MustBeSound();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            base.Dispose(disposing);
        }
        finally
        {
            _disk?.Dispose();
        }
    }

    private PoolFixture OnFaultyDisk(int mebibytes, string? transport)
    {
        Need.Fuse();
        _disk = new FaultyDisk(Scratch, (mebibytes + 1L) * Mebibyte);
        PoolFixture pool = NewPool("16M", transport: transport, more: ["--node", _disk.DiskPath]);
        pool.Mount();
        return pool;
    }

    private static byte[] Read(RawFile file, int lengthBytes)
    {
        byte[] content = new byte[lengthBytes];
        for (int done = 0; done < lengthBytes;)
        {
            long read = file.Read(done, content.AsSpan(done, Math.Min(Mebibyte, lengthBytes - done)));
            read.Should().BePositive("at {0}", done);
            done += (int)read;
        }

        return content;
    }

    /// <summary>Where on the node a byte of a volume is, as a dump of the metadata says.</summary>
    private static long NodeByteOf(PoolFixture pool, string name, long offsetBytes)
    {
        JsonElement[] lines =
        [
            .. ThinFuseProgram.Run("pool", "dump", pool.MountPoint).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ThinFuseProgram.Parse),
        ];
        (long chunk, long inChunk) = Math.DivRem(offsetBytes, Chunk);
        int block = 1 << (int)(inChunk / Block);
        long layer = Of("volume").Single(line => line.GetProperty("name").GetString() == name).GetProperty("layer").GetInt64();
        while (layer != 0)
        {
            foreach (JsonElement run in Of("run").Where(line => line.GetProperty("layer").GetInt64() == layer && line.TryGetProperty("extent", out _)))
            {
                long index = chunk - run.GetProperty("chunk").GetInt64();
                if (index >= 0 && index < run.GetProperty("count").GetInt64() && (Convert.ToInt32(run.GetProperty("present").GetString(), 16) & block) != 0)
                {
                    long slot = long.Parse(run.GetProperty("extent").GetString()!.Split(':')[1], CultureInfo.InvariantCulture) + index;
                    return Mebibyte + (slot * Chunk) + inChunk;
                }
            }

            layer = Of("layer").Single(line => line.GetProperty("id").GetInt64() == layer).GetProperty("parent").GetInt64();
        }

        throw new InvalidOperationException($"{name} has nothing at {offsetBytes}");

        IEnumerable<JsonElement> Of(string type) => lines.Where(line => line.GetProperty("type").GetString() == type);
    }

    /// <summary>The number of the first block of a file, on its device.</summary>
    private static long FirstBlockOf(string file)
    {
        string line = Tool.Run("filefrag", "-v", "-b4096", file).MustSucceed().Output.Split('\n').First(line => line.TrimStart().StartsWith("0:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[2].Split('.')[0].Trim(), CultureInfo.InvariantCulture);
    }
}
