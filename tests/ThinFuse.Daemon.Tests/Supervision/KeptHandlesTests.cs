using ThinFuse.Daemon.Supervision;

namespace ThinFuse.Daemon.Tests.Supervision;

public sealed class KeptHandlesTests : IDisposable
{
    private readonly RestartMemory _memory = RestartMemory.Create();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_successor_finds_the_handles_that_are_open_and_no_others()
    {
        KeptHandles handles = new(_memory);
        ulong first = handles.Add(2, 10, KeptHandleKind.Writer);
        ulong second = handles.Add(4, 11, KeptHandleKind.Directory);
        ulong third = handles.Add(6, 12, KeptHandleKind.Writer);
        handles.Remove(first).Should().BeTrue();

        KeptHandles successor = new(_memory);

        successor.All.Select(handle => (handle.Number, handle.NodeId, handle.Kind)).Should().Equal((second, 11UL, KeptHandleKind.Directory), (third, 12UL, KeptHandleKind.Writer));
        successor.GivenTo(6).Should().Be(third);
        successor.GivenTo(2).Should().Be(0);
    }

    [Fact]
    public void A_number_is_never_given_twice_so_that_a_second_release_frees_nobody_elses()
    {
        KeptHandles handles = new(_memory);
        ulong first = handles.Add(2, 10, KeptHandleKind.Writer);
        handles.Remove(first);
        KeptHandles successor = new(_memory);
        ulong second = successor.Add(4, 10, KeptHandleKind.Writer);

        second.Should().NotBe(first);
        successor.Remove(first).Should().BeFalse();
        successor.All.Should().ContainSingle(handle => handle.Number == second);
    }

    [Fact]
    public void Slots_are_used_again()
    {
        KeptHandles handles = new(_memory);
        for (ulong i = 1; i <= 10_000; i++)
        {
            handles.Remove(handles.Add(i, 10, KeptHandleKind.Writer)).Should().BeTrue();
        }

        _memory.HandleSlotsUsed.Should().Be(1);
    }

    [Fact]
    public void Memory_of_another_version_is_not_taken_over()
    {
        RandomAccess.Write(_memory.File, [2], 8);

        FluentActions.Invoking(() => RestartMemory.Adopt(_memory.File)).Should().Throw<InvalidDataException>().WithMessage("*version*");
    }
}
