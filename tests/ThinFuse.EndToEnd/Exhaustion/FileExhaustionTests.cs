using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Exhaustion;

/// <summary>A pool runs full under writes to the volume's file itself.</summary>
public sealed class FileExhaustionTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int PoolBytes = 32 << 20;
    private const int PieceBytes = 256 << 10;

    [SkippableTheory]
    [OnEachTransport(false)]
    [OnEachTransport(true)]
    public void Write_gets_ENOSPC_at_once_and_what_it_accepted_is_there(bool direct, string transport)
    {
        PoolFixture pool = NewMountedPool("32M", transport: transport);
        using RawFile file = OpenVolume(pool, direct);
        using AlignedBuffer source = RandomSource();

        long accepted = Fill(file, source, out long error);

        error.Should().Be(-Errno.ENOSPC);
        accepted.Should().BeInRange(PoolBytes / 2, PoolBytes);
        file.Sync().Should().Be(0, "the refused write left nothing behind that could fail later");
        MustHold(file, source, accepted);
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Owned_blocks_reads_and_punches_go_on_and_growth_needs_no_remount(string transport)
    {
        PoolFixture pool = NewMountedPool("32M", transport: transport);
        using RawFile file = OpenVolume(pool, direct: true);
        using AlignedBuffer source = RandomSource();
        long accepted = Fill(file, source, out _);

        file.Write(PieceBytes, source.Bytes[..PieceBytes]).Should().Be(PieceBytes, "an owned block is overwritten in place");
        file.Write(accepted + PoolBytes, source.Bytes[..PieceBytes]).Should().Be(-Errno.ENOSPC);
        file.Punch(0, PieceBytes).Should().Be(0);
        WaitUntilWritten(pool, file, accepted + PoolBytes, source);
        file.Write(accepted + (2 * PoolBytes), source.Bytes[..PieceBytes]).Should().Be(-Errno.ENOSPC);
        pool.Grow("64M");

        file.Write(accepted + (2 * PoolBytes), source.Bytes[..PieceBytes]).Should().Be(PieceBytes);
        pool.Mode.Should().Be("write");
        pool.MustBeSound();
    }

    [SkippableTheory]
    [OnEachTransport]
    public void Status_and_log_tell_of_exhaustion_and_of_its_end(string transport)
    {
        PoolFixture pool = NewMountedPool("32M", transport: transport);
        using RawFile file = OpenVolume(pool, direct: false);
        using AlignedBuffer source = RandomSource();
        pool.Mode.Should().Be("write");

        Fill(file, source, out _);

        JsonElement status = pool.Status();
        status.GetProperty("mode").GetString().Should().Be("out_of_space");
        status.GetProperty("freeBytes").GetInt64().Should().BeLessThan(PieceBytes);
        File.ReadAllText(Path.Combine(pool.MountPoint, ".thinfuse", "pool", "mode")).Should().Be("out_of_space\n");
        pool.Log.Should().Contain("out_of_space");

        ThinFuseProgram.Run("volume", "delete", pool.PathOf("vm1")).MustSucceed();
        file.Dispose();
        pool.WaitForStatus("the deleted volume's space is free", now => now.GetProperty("mode").GetString() == "write");
        pool.Log.Should().Contain("space_returned");
    }

    [SkippableTheory]
    [OnEachTransport]
    public void A_snapshot_of_a_full_pool_is_readable_and_writes_to_its_origin_say_no_space(string transport)
    {
        PoolFixture pool = NewMountedPool("32M", transport: transport);
        using RawFile file = OpenVolume(pool, direct: true);
        using AlignedBuffer source = RandomSource();
        long accepted = Fill(file, source, out _);

        string snapshot = pool.Snapshot("vm1", "full");

        file.Write(0, source.Bytes[..PieceBytes]).Should().Be(-Errno.ENOSPC, "what the snapshot shares is not owned by the volume");
        using RawFile old = RawFile.Open(snapshot, OpenFlags.ReadOnly | OpenFlags.Direct);
        MustHold(old, source, accepted);
        MustHold(file, source, accepted);
        old.Dispose();
        ThinFuseProgram.Run("snapshot", "delete", snapshot).MustSucceed();

        // Nothing is free, but what the snapshot shared becomes the volume's own, in the background.
        Waiting.Until("the volume's blocks are its own again", () => file.Write(0, source.Bytes[..PieceBytes]) == PieceBytes);
        pool.MustBeSound();
    }

    private static RawFile OpenVolume(PoolFixture pool, bool direct) =>
        RawFile.Open(pool.CreateVolume("vm1", "256M"), OpenFlags.ReadWrite | (direct ? OpenFlags.Direct : 0));

    /// <summary>Writes the source again and again, one piece after the other, until an error comes.</summary>
    private static long Fill(RawFile file, AlignedBuffer source, out long error)
    {
        long accepted = 0;
        while (true)
        {
            ReadOnlySpan<byte> piece = source.Bytes.Slice((int)(accepted % source.Bytes.Length), PieceBytes);
            long written = file.Write(accepted, piece);
            accepted += Math.Max(0, written);
            if (written != PieceBytes)
            {
                // After a short write the error comes with the rest.
                error = written < 0 ? written : file.Write(accepted, source.Bytes[..PieceBytes]);
                return accepted;
            }
        }
    }

    private static void MustHold(RawFile file, AlignedBuffer source, long lengthBytes)
    {
        using AlignedBuffer read = new(PieceBytes);
        for (long offset = 0; offset < lengthBytes; offset += PieceBytes)
        {
            int length = (int)Math.Min(PieceBytes, lengthBytes - offset);
            file.Read(offset, read.Bytes).Should().Be(PieceBytes);
            read.Bytes[..length].SequenceEqual(source.Bytes.Slice((int)(offset % source.Bytes.Length), length)).Should().BeTrue($"at {offset}");
        }
    }

    /// <summary>Space may come back in the background, so a write is tried until it is taken.</summary>
    private static void WaitUntilWritten(PoolFixture pool, RawFile file, long offset, AlignedBuffer source)
    {
        pool.WaitForStatus("there is space", status => status.GetProperty("freeBytes").GetInt64() >= PieceBytes);
        file.Write(offset, source.Bytes[..PieceBytes]).Should().Be(PieceBytes);
    }

    private AlignedBuffer RandomSource()
    {
        AlignedBuffer source = new(48 << 20);
        Seeded(6).NextBytes(source.Bytes);
        return source;
    }
}
