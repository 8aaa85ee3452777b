using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>Whatever is done to a stream on its way is seen before a byte of it is taken for right.</summary>
public sealed class StreamTests(ITestOutputHelper output)
{
    private static readonly TransferHeader Header = new(
        Guid.NewGuid(), Guid.NewGuid(), Guid.Empty, 1 << 20, 0, DateTimeOffset.UnixEpoch.AddMilliseconds(1234567), 65536, 4096, "vm1@mon");

    [Fact]
    public void What_is_written_is_read()
    {
        byte[] data = TestPool.Pattern(1, 5000);
        TransferReader reader = new(new MemoryStream(Sample(Header)));

        reader.Header.Should().Be(Header);
        reader.Next().Should().Be(new TransferRecord(TransferRecordKind.Data, 0, 4096, 5000));
        reader.Data.ToArray().Should().Equal(data);
        reader.Next().Should().Be(new TransferRecord(TransferRecordKind.Zero, 1, 100_000, 900_000));
        reader.Data.Length.Should().Be(0);
        reader.Next().Should().Be(new TransferRecord(TransferRecordKind.Data, 2, 1_000_000, 300));
        reader.Next().Should().Be(new TransferRecord(TransferRecordKind.End, 3, 5300, 900_000));
    }

    [Fact]
    public void Another_stream_may_follow_at_once()
    {
        MemoryStream both = new([.. Sample(Header), .. Sample(Header with { Name = "vm2@mon" })]);
        ReadAll(both);

        new TransferReader(both).Header.Name.Should().Be("vm2@mon");
    }

    [Fact]
    public void Every_flipped_bit_is_seen()
    {
        const int Seed = 3;
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        byte[] sound = Sample(Header);
        for (int at = 0; at < sound.Length; at++)
        {
            // All bits of what is around the data, and one of each byte of data.
            bool isData = at is > 200 and < 5000;
            for (int bit = isData ? random.Next(8) : 0; bit < 8; bit += isData ? 8 : 1)
            {
                byte[] flipped = (byte[])sound.Clone();
                flipped[at] ^= (byte)(1 << bit);
                FluentActions.Invoking(() => ReadAll(new MemoryStream(flipped))).Should().Throw<PoolException>($"bit {bit} of byte {at}, seed {Seed}");
            }
        }
    }

    [Fact]
    public void Every_cut_is_seen()
    {
        byte[] sound = Sample(Header);
        for (int length = 0; length < sound.Length; length++)
        {
            FluentActions.Invoking(() => ReadAll(new MemoryStream(sound, 0, length))).Should().Throw<PoolException>($"cut after {length}")
                .Where(e => e.Kind == PoolErrorKind.Failed).WithMessage($"the stream ends too early, after {length} bytes");
        }
    }

    [Fact]
    public void A_record_that_is_lost_doubled_moved_or_of_another_stream_is_seen()
    {
        byte[] sound = Sample(Header);
        byte[] other = Sample(Header with { StreamId = Guid.NewGuid() });
        List<int> at = Wire.Boundaries(sound);
        for (int record = 0; record < at.Count - 2; record++)
        {
            Range first = at[record]..at[record + 1];
            Range second = at[record + 1]..at[record + 2];
            MustBeDamaged([.. sound[..at[record]], .. sound[at[record + 1]..]]);
            MustBeDamaged([.. sound[..at[record + 1]], .. sound[at[record]..]]);
            MustBeDamaged([.. sound[..at[record]], .. sound[second], .. sound[first], .. sound[at[record + 2]..]]);
            MustBeDamaged([.. sound[..at[record]], .. other[first], .. sound[at[record + 1]..]]);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-4096, 4096)]
    [InlineData((1 << 20) - 512, 1024)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    public void A_range_that_cannot_be_is_refused(long offsetBytes, long lengthBytes)
    {
        using MemoryStream stream = new();
        TransferWriter writer = new(stream, Header);
        writer.Zero(offsetBytes, lengthBytes);
        writer.End();

        MustBeDamaged(stream.ToArray());
    }

    [Fact]
    public void Ranges_that_overlap_or_lie_before_the_start_are_refused()
    {
        using MemoryStream overlapping = new();
        TransferWriter writer = new(overlapping, Header);
        writer.Zero(4096, 4096);
        writer.Zero(8191, 4096);
        writer.End();
        MustBeDamaged(overlapping.ToArray());

        using MemoryStream early = new();
        writer = new TransferWriter(early, Header with { StartBytes = 8192 });
        writer.Zero(4096, 4096);
        writer.End();
        MustBeDamaged(early.ToArray());
    }

    [Fact]
    public void What_is_no_stream_or_a_newer_one_is_refused_with_the_reason()
    {
        FluentActions.Invoking(() => new TransferReader(new MemoryStream(new byte[4096]))).Should().Throw<PoolException>()
            .Where(e => e.Kind == PoolErrorKind.Damaged).WithMessage("this is no stream*");
        byte[] newer = Sample(Header);
        newer[8] = 2;
        FluentActions.Invoking(() => new TransferReader(new MemoryStream(newer))).Should().Throw<PoolException>().WithMessage("*version 2*newer thinfuse");
    }

    [Fact]
    public void A_token_says_how_far_it_is_and_a_mistyped_one_is_none()
    {
        ResumeToken token = new(Guid.NewGuid(), Guid.NewGuid(), 123_456_789_012);
        string text = token.ToString();

        ResumeToken.TryParse(text, out ResumeToken read).Should().BeTrue();
        read.Should().Be(token);
        ResumeToken.TryParse(text.ToUpperInvariant(), out _).Should().BeTrue();
        ResumeToken.TryParse("", out _).Should().BeFalse();
        ResumeToken.TryParse(text[..^2], out _).Should().BeFalse();
        ResumeToken.TryParse(text + "00", out _).Should().BeFalse();
        ResumeToken.TryParse("g" + text[1..], out _).Should().BeFalse();
        for (int i = 0; i < text.Length; i++)
        {
            string mistyped = text[..i] + (text[i] == '0' ? '1' : '0') + text[(i + 1)..];
            ResumeToken.TryParse(mistyped, out _).Should().BeFalse(mistyped);
        }
    }

    private static byte[] Sample(TransferHeader header)
    {
        using MemoryStream stream = new();
        TransferWriter writer = new(stream, header);
        writer.Data(4096, TestPool.Pattern(1, 5000));
        writer.Zero(100_000, 900_000);
        writer.Data(1_000_000, TestPool.Pattern(2, 300));
        writer.End();
        writer.StreamBytes.Should().Be(stream.Length);
        return stream.ToArray();
    }

    private static void MustBeDamaged(byte[] stream) =>
        FluentActions.Invoking(() => ReadAll(new MemoryStream(stream))).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Damaged);

    private static void ReadAll(Stream stream)
    {
        TransferReader reader = new(stream);
        while (reader.Next().Kind != TransferRecordKind.End)
        {
        }
    }
}
