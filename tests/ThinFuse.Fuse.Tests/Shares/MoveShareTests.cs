using ThinFuse.Fuse.Transport.Shares;

namespace ThinFuse.Fuse.Tests.Shares;

public sealed class MoveShareTests
{
    private static readonly WaitingMove Any = new(null!, null!, null!);

    [Fact]
    public void As_many_get_in_as_the_limit_says_and_the_others_wait_for_those()
    {
        MoveShare share = new(3, limit: 2);
        share.TryEnter(Any).Should().BeTrue();
        share.TryEnter(Any).Should().BeTrue();
        share.TryEnter(Any).Should().BeFalse();

        share.TryGoOn(out _).Should().BeTrue("one waits");
        share.TryGoOn(out _).Should().BeFalse("none waits");
        share.TryEnter(Any).Should().BeTrue("one left");
        share.TryEnter(Any).Should().BeFalse();
    }

    [Fact]
    public void Moves_that_would_make_too_many_wait_hold_their_own_threads_and_leave_the_others_alone()
    {
        MoveShare share = new(3, limit: 1);
        share.TryEnter(Any).Should().BeTrue();
        for (int i = 0; i < MoveShare.MaxWaiting; i++)
        {
            share.TryEnter(Any).Should().BeFalse();
        }

        share.TryEnter(Any).Should().BeTrue("the memory for waiting is used up");

        share.TryGoOn(out _).Should().BeFalse("this thread was lent for one move");
        for (int i = 0; i < MoveShare.MaxWaiting; i++)
        {
            share.TryGoOn(out _).Should().BeTrue();
        }

        share.TryGoOn(out _).Should().BeFalse();
    }

    [Fact]
    public void Each_file_has_its_own()
    {
        MoveShares shares = new(limit: 1);
        shares.Of(3).TryEnter(Any).Should().BeTrue();
        shares.Of(3).TryEnter(Any).Should().BeFalse();
        shares.Of(4).TryEnter(Any).Should().BeTrue();
        shares.Of(3).Should().BeSameAs(shares.Of(3));
    }
}
