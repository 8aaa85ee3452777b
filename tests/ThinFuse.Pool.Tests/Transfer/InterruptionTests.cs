using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Receiving;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>A stream that does not come whole leaves the target as it was, and the rest of it makes it as if it had.</summary>
public sealed class InterruptionTests(ITestOutputHelper output)
{
    [Fact]
    public void Cut_anywhere_the_target_is_untouched_and_the_rest_completes_it()
    {
        using Replica replica = new();
        foreach (int cut in Cuts(replica.Changes))
        {
            string when = $"cut after {cut} of {replica.Changes.Length}";
            TestPool target = replica.NewTarget();
            byte[] part = replica.Changes[..cut];
            FluentActions.Invoking(() => Wire.Take(target, part, "vm1")).Should().Throw<PoolException>(when).WithMessage("the stream ends too early*");
            replica.MustBeUntouched(target, when);
            if (cut % 2 == 0)
            {
                target.KillAndReopen();
            }

            ResumeToken? token = target.Pool.FindReceive("vm1")?.Token;
            byte[] rest = Wire.Send(replica.Source, "vm1@tue", "vm1@mon", token);
            rest.Length.Should().BeLessThanOrEqualTo(replica.Changes.Length, when);
            Wire.Receive(target, rest, "vm1");
            replica.MustHaveChanges(target, when);
            target.Pool.FindReceive("vm1").Should().BeNull(when);
        }
    }

    [Fact]
    public void A_full_stream_cut_anywhere_makes_no_volume_and_the_rest_completes_it()
    {
        using Replica replica = new();
        foreach (int cut in Cuts(replica.Full))
        {
            using TestPool target = TestPool.Create(64, 4 << 10);
            FluentActions.Invoking(() => Wire.Take(target, replica.Full[..cut], "vm1")).Should().Throw<PoolException>();
            target.Pool.Find("vm1").Should().BeNull();
            target.Pool.Find("vm1@mon").Should().BeNull();

            Wire.Receive(target, Wire.Send(replica.Source, "vm1@mon", null, target.Pool.FindReceive("vm1")?.Token), "vm1");

            target.Pool.Volumes(false).Select(info => info.Name).Should().Equal("vm1", "vm1@mon");
            target.Read("vm1").Should().Equal(replica.Mon);
            Wire.Receive(target, replica.Changes, "vm1");
            replica.MustHaveChanges(target, $"cut after {cut}");
        }
    }

    [Fact]
    public void A_flipped_bit_is_refused_before_it_is_written_and_the_rest_completes_the_target()
    {
        const int Seed = 5;
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        for (int i = 0; i < 60; i++)
        {
            byte[] flipped = (byte[])replica.Changes.Clone();
            int at = random.Next(flipped.Length);
            flipped[at] ^= (byte)(1 << random.Next(8));
            FluentActions.Invoking(() => Wire.Receive(target, flipped, "vm1")).Should().Throw<PoolException>($"byte {at}, seed {Seed}");
            replica.MustBeUntouched(target, $"byte {at}, seed {Seed}");
        }

        Wire.Receive(target, Wire.Send(replica.Source, "vm1@tue", "vm1@mon", target.Pool.FindReceive("vm1")!.Token), "vm1");
        replica.MustHaveChanges(target, $"seed {Seed}");
    }

    [Fact]
    public void Killed_or_without_power_after_any_io_the_target_has_all_of_it_or_nothing()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        int first = target.Disk.IoCount;
        ReceiveRequest request = Wire.Take(target, replica.Changes, "vm1");
        int taken = target.Disk.IoCount;
        target.Pool.FinishReceive("vm1", request.ContentId);
        int last = target.Disk.IoCount;
        int whole = 0;
        for (int io = first; io <= last; io++)
        {
            for (int way = 0; way < 3; way++)
            {
                using TestPool after = TestPool.Open(way == 0 ? target.Disk.AfterKill(io) : target.Disk.AfterPowerCut(io, (io * 31) + way));
                string when = $"I/O {io} of {first} to {taken} to {last}, way {way}";
                if (after.Pool.Find("vm1@tue") is null)
                {
                    replica.MustBeUntouched(after, when);
                    io.Should().BeLessThan(last, when);
                    Wire.Receive(after, Wire.Send(replica.Source, "vm1@tue", "vm1@mon", after.Pool.FindReceive("vm1")?.Token), "vm1");
                }
                else
                {
                    whole++;
                    io.Should().BeGreaterThan(taken, when);
                }

                replica.MustHaveChanges(after, when);
            }
        }

        whole.Should().BePositive();
        output.WriteLine($"{last - first} I/Os, {whole} states with all of it");
    }

    [Fact]
    public void Without_space_the_target_is_untouched_and_with_space_it_goes_on()
    {
        using TestPool source = TestPool.Create(256);
        using Volumes.VolumeHandle vm1 = source.Volume("vm1", 4 << 20);
        source.Pool.CreateSnapshot("vm1", "vm1@mon");
        vm1.Write(0, TestPool.Pattern(1, 4 << 20));
        source.Pool.CreateSnapshot("vm1", "vm1@tue");
        using TestPool target = TestPool.Create(24);
        Wire.Receive(target, Wire.Send(source, "vm1@mon"), "vm1");
        byte[] changes = Wire.Send(source, "vm1@tue", "vm1@mon");

        FluentActions.Invoking(() => Wire.Take(target, changes, "vm1")).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.NoSpace);

        target.Read("vm1").Should().Equal(new byte[4 << 20]);
        ResumeToken token = target.Pool.FindReceive("vm1")!.Token;
        token.KeptBytes.Should().Be(1 << 20, "one record of the stream found space");
        target.Pool.Grow(128 * TestPool.ChunkBytes);
        Wire.Receive(target, Wire.Send(source, "vm1@tue", "vm1@mon", token), "vm1");
        target.Read("vm1").Should().Equal(source.Read("vm1@tue"));
    }

    /// <summary>Every boundary of a record, the bytes beside it, and the middle between.</summary>
    private static IEnumerable<int> Cuts(byte[] stream)
    {
        List<int> at = Wire.Boundaries(stream);
        at.Count.Should().BeGreaterThan(2);
        IEnumerable<int> cuts = [0, 7, 50, .. at.SelectMany(boundary => new[] { boundary - 1, boundary, boundary + 1 }),
            .. at.Zip(at.Skip(1), (one, next) => (one + next) / 2)];
        return cuts.Where(cut => cut < stream.Length).Distinct().Order();
    }
}
