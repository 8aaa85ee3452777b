using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Transfer;

public sealed class ReceiveTests(ITestOutputHelper output)
{
    private const int Block = TestPool.BlockBytes;

    [Fact]
    public void A_full_stream_and_then_changes_make_the_volume_and_both_snapshots()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();

        VolumeInfo snapshot = Wire.Receive(target, replica.Changes, "vm1");

        replica.MustHaveChanges(target, "received");
        snapshot.Should().BeEquivalentTo(new { Name = "vm1@tue", Kind = VolumeKind.Snapshot, Origin = "vm1", SizeBytes = (60L * Block) + 512 });
        snapshot.CreatedAt.Should().BeCloseTo(replica.Source.Pool.Find("vm1@tue")!.CreatedAt, TimeSpan.FromMilliseconds(1));
        target.Events.Should().Contain(PoolEventKinds.SnapshotReceived);
        using VolumeHandle vm1 = target.Handle("vm1");
        vm1.Write(0, TestPool.Pattern(9, Block));
        target.Read("vm1@tue").Should().Equal(replica.Tue, "a snapshot does not change with its volume");
        target.CloseAndReopen();
        target.Read("vm1@tue").Should().Equal(replica.Tue);
    }

    [Theory]
    [InlineData(1, 64 << 10, 4 << 10)]
    [InlineData(2, 4 << 10, 64 << 10)]
    [InlineData(3, 16 << 10, 256 << 10)]
    public void A_random_history_is_replicated_step_by_step_with_little_around_the_data(int seed, int chunkBytes, int targetChunkBytes)
    {
        output.WriteLine($"seed {seed}, chunks {chunkBytes} and {targetChunkBytes}");
        Random random = new(seed);
        using TestPool source = TestPool.Create((64 << 20) / chunkBytes, chunkBytes, sparseNodes: true);
        using TestPool target = TestPool.Create((64 << 20) / targetChunkBytes, targetChunkBytes, sparseNodes: true);
        source.Pool.CreateVolume("vm1", 2 << 20);
        string? last = null;
        for (int step = 0; step < 30; step++)
        {
            Change(source, random);
            string name = $"s{step}";
            source.Pool.CreateSnapshot("vm1", $"vm1@{name}");
            byte[] stream = Wire.Send(source, $"vm1@{name}", last);
            MustBeLean(source, $"vm1@{name}", last, stream);

            Wire.Receive(target, stream, "vm1").Name.Should().Be($"vm1@{name}");

            PoolContent.Difference(source.Read($"vm1@{name}"), target.Read("vm1")).Should().BeNull($"step {step}, seed {seed}");
            if (last is not null && random.Next(2) == 0)
            {
                source.Pool.Delete(last);
                target.Pool.Delete(last);
                source.Pool.ReclaimNow();
                target.Pool.ReclaimNow();
            }

            if (random.Next(5) == 0)
            {
                target.KillAndReopen();
                source.CloseAndReopen();
            }

            last = $"vm1@{name}";
        }

        foreach (VolumeInfo info in target.Pool.Volumes(false))
        {
            string from = info.Name == "vm1" ? last! : info.Name;
            PoolContent.Difference(source.Read(from), target.Read(info.Name)).Should().BeNull($"{info.Name}, seed {seed}");
        }

        target.MustBeClean();
    }

    [Fact]
    public void Changes_go_back_and_forth_between_two_pools()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        Wire.Receive(target, replica.Changes, "vm1");
        using (VolumeHandle vm1 = target.Handle("vm1"))
        {
            vm1.Write(7 * Block, TestPool.Pattern(8, 100));
        }

        target.Pool.CreateSnapshot("vm1", "vm1@wed");
        byte[] back = Wire.Send(target, "vm1@wed", "vm1@tue");
        FluentActions.Invoking(() => Wire.Receive(replica.Source, back, "vm1")).Should().Throw<PoolException>().WithMessage("vm1 was changed since vm1@tue*");

        Wire.Receive(replica.Source, back, "vm1", force: true);

        replica.Source.Read("vm1").Should().Equal(target.Read("vm1@wed"));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_reason_and_the_target_is_untouched()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        target.Pool.CreateVolume("vm2", Block);
        byte[] otherContent = Wire.Send(replica.Source, "vm1@tue");
        MustRefuse(target, otherContent, "vm1", PoolErrorKind.Exists, "vm1 exists already, and this stream makes it anew*");
        MustRefuse(target, replica.Full, "vm2", PoolErrorKind.Exists, "vm2 exists already*");
        MustRefuse(target, replica.Changes, "vm2", PoolErrorKind.NotFound, "vm2 has no snapshot with the content that this stream changes*");
        MustRefuse(target, replica.Changes, "vm3", PoolErrorKind.NotFound, "there is no vm3*");
        MustRefuse(target, replica.Changes, "a/b", PoolErrorKind.Usage, "'a/b@tue' is no name*");
        MustRefuse(target, replica.Changes, new string('x', 120), PoolErrorKind.NotFound, "there is no xxx*");
        MustRefuse(target, replica.Full, new string('x', 120), PoolErrorKind.Usage, "*too long a name*");
        replica.Source.Pool.CreateSnapshot("vm1", "vm1@wed");
        byte[] wrongBase = Wire.Send(replica.Source, "vm1@wed", "vm1@tue");
        MustRefuse(target, wrongBase, "vm1", PoolErrorKind.NotFound, "vm1 has no snapshot with the content that this stream changes*");
        replica.MustBeUntouched(target, "refused");

        target.Pool.CreateSnapshot("vm1", "vm1@tue");
        MustRefuse(target, replica.Changes, "vm1", PoolErrorKind.Exists, "vm1@tue exists already*");
        target.Pool.Delete("vm1@tue");
        using (VolumeHandle open = target.Handle("vm1"))
        {
            MustRefuse(target, replica.Changes, "vm1", PoolErrorKind.Busy, "vm1 is open*");
        }

        target.Pool.Delete("vm1@mon");
        MustRefuse(target, replica.Changes, "vm1", PoolErrorKind.NotFound, "vm1 has no snapshot with the content*");
    }

    [Theory]
    [InlineData("write")]
    [InlineData("punch")]
    [InlineData("shrink")]
    [InlineData("grow")]
    public void A_changed_target_is_refused_at_the_beginning_and_at_the_end_unless_it_is_given_up(string change)
    {
        using Replica replica = new();
        TestPool early = replica.NewTarget();
        ChangeBy(early, change);
        byte[] changed = early.Read("vm1");
        MustRefuse(early, replica.Changes, "vm1", PoolErrorKind.Failed, "vm1 was changed since vm1@mon*");
        early.Read("vm1").Should().Equal(changed);

        TestPool late = replica.NewTarget();
        ReceiveRequest request = Wire.Take(late, replica.Changes, "vm1");
        ChangeBy(late, change);
        FluentActions.Invoking(() => late.Pool.FinishReceive("vm1", request.ContentId)).Should().Throw<PoolException>()
            .Where(e => e.Kind == PoolErrorKind.Failed).WithMessage("vm1 was changed since vm1@mon*--force*");
        late.Read("vm1").Should().Equal(changed);
        late.Pool.Find("vm1@tue").Should().BeNull();

        late.Pool.FinishReceive("vm1", request.ContentId, force: true);
        replica.MustHaveChanges(late, change);
        Wire.Receive(early, replica.Changes, "vm1", force: true);
        replica.MustHaveChanges(early, change);
    }

    [Fact]
    public void A_snapshot_of_an_unchanged_target_does_not_change_it()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        target.Pool.CreateSnapshot("vm1", "vm1@local");
        target.Pool.Clone("vm1", "other");

        Wire.Receive(target, replica.Changes, "vm1");

        target.Read("vm1").Should().Equal(replica.Tue);
        target.Read("vm1@local").Should().Equal(replica.Mon);
        target.Read("other").Should().Equal(replica.Mon);
    }

    [Fact]
    public void What_is_there_already_is_not_received_again()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();

        TransferReader reader = new(new MemoryStream(replica.Full));
        ReceiveInfo info = target.Pool.BeginReceive(ReceiveRequest.Of(reader.Header, "vm1"));

        info.IsComplete.Should().BeTrue();
        info.Name.Should().Be("vm1@mon");
        target.Pool.FindReceive("vm1").Should().BeNull();
    }

    [Fact]
    public void A_part_of_another_snapshot_is_in_the_way_until_it_is_deleted()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        Wire.Take(target, replica.Changes, "vm1");
        replica.Source.Pool.CreateSnapshot("vm1", "vm1@wed");
        byte[] other = Wire.Send(replica.Source, "vm1@wed", "vm1@mon");
        MustRefuse(target, other, "vm1", PoolErrorKind.Exists, "vm1.receiving holds a part of another snapshot, vm1@tue*");

        target.Pool.Delete("vm1.receiving");

        target.Pool.FindReceive("vm1").Should().BeNull();
        Wire.Receive(target, other, "vm1");
        target.Read("vm1").Should().Equal(replica.Source.Read("vm1@wed"));
    }

    [Fact]
    public void A_rest_that_begins_behind_what_is_kept_is_refused()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        TransferHeader header = new TransferReader(new MemoryStream(replica.Changes)).Header;
        byte[] rest = Wire.Send(replica.Source, "vm1@tue", "vm1@mon", new ResumeToken(header.ContentId, header.BaseId, 6 * Block));
        MustRefuse(target, rest, "vm1", PoolErrorKind.NotFound, "*nothing is kept*");

        target.Pool.BeginReceive(ReceiveRequest.Of(header, "vm1"));
        target.Pool.KeepReceived("vm1", 2 * Block);
        MustRefuse(target, rest, "vm1", PoolErrorKind.Usage, $"*{target.Pool.FindReceive("vm1")!.Token}");
        FluentActions.Invoking(() => target.Pool.KeepReceived("vm1", long.MaxValue)).Should().Throw<PoolException>();
        FluentActions.Invoking(() => target.Pool.KeepReceived("vm2", 0)).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.NotFound);
    }

    [Fact]
    public void What_was_promised_to_the_target_is_kept_or_nothing_is_received()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        using (VolumeHandle vm1 = target.Handle("vm1"))
        {
            vm1.SetReserve(ReservePolicy.Full);
        }

        ReceiveRequest request = Wire.Take(target, replica.Changes, "vm1");
        using (VolumeHandle rest = target.Volume("rest", 1 << 20))
        {
            long at = 0;
            FluentActions.Invoking(() =>
            {
                for (; at < 1 << 20; at += 16 << 10)
                {
                    rest.Write(at, TestPool.Pattern(9, 16 << 10));
                }
            }).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.NoSpace);
            at.Should().BePositive();
        }

        FluentActions.Invoking(() => target.Pool.FinishReceive("vm1", request.ContentId)).Should().Throw<PoolException>()
            .Where(e => e.Kind == PoolErrorKind.NoSpace);
        replica.MustBeUntouched(target, "without space");
        target.Pool.Delete("rest");
        target.Pool.ReclaimNow();

        target.Pool.FinishReceive("vm1", request.ContentId);

        replica.MustHaveChanges(target, "with space");
        target.Pool.Find("vm1")!.ReservedBytes.Should().Be(16 * (16 << 10), "all chunks of the volume can be written anew");
    }

    [Fact]
    public void Who_still_has_the_received_volume_open_writes_where_nobody_sees_it()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        ReceiveRequest request = Wire.Take(target, replica.Changes, "vm1");
        using (VolumeHandle stale = target.Handle("vm1.receiving"))
        {
            target.Pool.FinishReceive("vm1", request.ContentId);
            stale.Write(0, TestPool.Pattern(9, 4 * Block));
            target.Read("vm1").Should().Equal(replica.Tue);
        }

        replica.MustHaveChanges(target, "closed");
    }

    [Fact]
    public void A_content_has_its_id_for_as_long_as_its_snapshot_is_there()
    {
        using Replica replica = new();
        TestPool source = replica.Source;
        Guid id = source.Pool.ContentOf("vm1@mon").ContentId;
        id.Should().NotBe(source.Pool.ContentOf("vm1@tue").ContentId);
        replica.NewTarget().Pool.ContentOf("vm1@mon").ContentId.Should().Be(id);

        source.KillAndReopen();
        source.Pool.ContentOf("vm1@mon").ContentId.Should().Be(id);
        source.Pool.Rename("vm1@mon", "vm1@first");
        source.CloseAndReopen();
        source.Pool.ContentOf("vm1@first").ContentId.Should().Be(id);
        source.Pool.Delete("vm1@first");
        source.Pool.CreateSnapshot("vm1", "vm1@first");
        source.Pool.ContentOf("vm1@first").ContentId.Should().NotBe(id);
        FluentActions.Invoking(() => source.Pool.ContentOf("vm1")).Should().Throw<PoolException>()
            .Where(e => e.Kind == PoolErrorKind.Usage).WithMessage("*take a snapshot first*");
        FluentActions.Invoking(() => source.Pool.ContentOf("vm2@mon")).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.NotFound);
    }

    private static void MustRefuse(TestPool target, byte[] stream, string name, PoolErrorKind kind, string why) =>
        FluentActions.Invoking(() => Wire.Take(target, stream, name)).Should().Throw<PoolException>().Where(e => e.Kind == kind).WithMessage(why);

    private static void MustBeLean(TestPool source, string snapshot, string? from, byte[] stream)
    {
        using VolumeHandle to = source.Handle(snapshot);
        using VolumeHandle? before = from is null ? null : source.Handle(from);
        long data = source.Pool.Compare(before, to).Where(range => range.Kind == Pool.Differences.RangeKind.Data).Sum(range => range.LengthBytes);
        long header = 200;
        ((double)stream.Length - header).Should().BeLessThanOrEqualTo((data * 1.02) + 2048, snapshot);
    }

    private static void Change(TestPool source, Random random)
    {
        using VolumeHandle vm1 = source.Handle("vm1");
        for (int i = random.Next(1, 12); i > 0; i--)
        {
            int offset = random.Next(3 << 20);
            int length = random.Next(1, random.Next(4) == 0 ? 300_000 : 10_000);
            switch (random.Next(10))
            {
                case < 6:
                    vm1.Write(offset, TestPool.Pattern(random.Next(), length));
                    break;
                case 6:
                    vm1.Write(offset, new byte[length]);
                    break;
                case < 9:
                    vm1.Punch(offset, length);
                    break;
                default:
                    vm1.Resize(random.Next(1, 6 << 10) * 512);
                    break;
            }
        }
    }

    private static void ChangeBy(TestPool target, string change)
    {
        using VolumeHandle vm1 = target.Handle("vm1");
        switch (change)
        {
            case "write":
                vm1.Write(8 * Block, TestPool.Pattern(7, 1));
                break;
            case "punch":
                vm1.Punch(0, Block);
                break;
            case "shrink":
                vm1.Resize(39 * Block);
                break;
            default:
                vm1.Resize(41 * Block);
                break;
        }
    }
}
