using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>What is being received is its receiver's alone.</summary>
public sealed class ReceivedVolumeTests
{
    private const string Name = "vm1.receiving";

    public static TheoryData<string> Spoilers => ["roll back", "roll back by force", "shrink", "grow", "extend", "write"];

    [Theory]
    [MemberData(nameof(Spoilers))]
    public void What_would_spoil_it_is_refused_until_it_is_whole_or_given_up(string spoiler)
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        target.Pool.BeginReceive(Request(replica)).Name.Should().Be(Name);
        target.Pool.CreateSnapshot(Name, Name + "@early");
        using (VolumeHandle receiver = target.Handle(Name))
        {
            receiver.BeginWriting();
            MustRefuse(target, spoiler);
            receiver.EndWriting();
        }

        MustRefuse(target, spoiler);
        target.KillAndReopen();
        MustRefuse(target, spoiler);
        ReceiveRequest request = Wire.Take(target, replica.Changes, "vm1");

        target.Pool.FinishReceive("vm1", request.ContentId);

        target.Pool.Delete(Name + "@early");
        replica.MustHaveChanges(target, spoiler);
        using VolumeHandle vm1 = target.Handle("vm1");
        vm1.BeginWriting();
        vm1.Resize(Replica.Block);
        vm1.EndWriting();
    }

    [Fact]
    public void One_receiver_at_a_time_opens_it_and_the_next_that_begins_goes_on()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        ReceiveRequest request = Request(replica);
        target.Pool.BeginReceive(request);
        using VolumeHandle receiver = target.Handle(Name);
        receiver.BeginWriting();
        MustBeBusy(() => target.Pool.BeginReceive(request), "*is being received already*");
        receiver.EndWriting();

        target.Pool.BeginReceive(request);

        receiver.BeginWriting();
        receiver.BeginWriting(goesOn: true);
    }

    [Fact]
    public void It_can_be_deleted_renamed_and_taken_snapshots_of_while_it_is_open()
    {
        using Replica replica = new();
        TestPool target = replica.NewTarget();
        target.Pool.BeginReceive(Request(replica));
        using VolumeHandle receiver = target.Handle(Name);
        receiver.BeginWriting();
        target.Pool.CreateSnapshot(Name, Name + "@early");
        target.Pool.Rename(Name, "other");
        target.Pool.FindReceive("vm1")!.Name.Should().Be("other");

        target.Pool.Delete("other");

        target.Pool.FindReceive("vm1").Should().BeNull();
        receiver.Resize(0);
    }

    private static ReceiveRequest Request(Replica replica) =>
        ReceiveRequest.Of(new TransferReader(new MemoryStream(replica.Changes)).Header, "vm1");

    private static void MustRefuse(TestPool target, string spoiler)
    {
        using VolumeHandle handle = target.Handle(Name);
        byte[] before = target.Read(Name);
        MustBeBusy(() => Spoil(target, handle, spoiler), $"{Name} is being received; *volume delete MNT/{Name}*");
        target.Read(Name).Should().Equal(before);
    }

    private static void MustBeBusy(Action action, string message) => FluentActions.Invoking(action).Should().Throw<PoolException>()
        .WithMessage(message).Which.Kind.Should().Be(PoolErrorKind.Busy);

    private static void Spoil(TestPool target, VolumeHandle handle, string spoiler)
    {
        switch (spoiler)
        {
            case "roll back":
                target.Pool.RollBack(Name + "@early", new RollbackOptions());
                break;
            case "roll back by force":
                target.Pool.RollBack(Name + "@early", new RollbackOptions(DiscardCurrent: true, Force: true));
                break;
            case "shrink":
                handle.Resize(Replica.Block);
                break;
            case "grow":
                target.Pool.Resize(Name, 100 * Replica.Block);
                break;
            case "extend":
                handle.Extend(100 * Replica.Block);
                break;
            default:
                handle.BeginWriting();
                handle.Write(0, TestPool.Pattern(9, 100));
                break;
        }
    }
}
