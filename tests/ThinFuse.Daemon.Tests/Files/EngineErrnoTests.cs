using ThinFuse.Daemon.Files;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Daemon.Tests.Files;

public sealed class EngineErrnoTests
{
    [Theory]
    [InlineData(PoolErrorKind.NoSpace, FuseErrno.ENOSPC, true)]
    [InlineData(PoolErrorKind.NotFound, FuseErrno.ENOENT, true)]
    [InlineData(PoolErrorKind.Exists, FuseErrno.EEXIST, true)]
    [InlineData(PoolErrorKind.Busy, FuseErrno.EBUSY, true)]
    [InlineData(PoolErrorKind.Usage, FuseErrno.EINVAL, true)]
    [InlineData(PoolErrorKind.Damaged, FuseErrno.EIO, false)]
    [InlineData(PoolErrorKind.Failed, FuseErrno.EIO, false)]
    public void Each_refusal_of_the_engine_has_its_errno(PoolErrorKind kind, int errno, bool expected)
    {
        EngineErrno.Of(new PoolException(kind, "refused"), out bool isExpected).Should().Be(errno);
        isExpected.Should().Be(expected);
    }

    [Theory]
    [InlineData(Errno.ENOSPC, FuseErrno.ENOSPC, true)]
    [InlineData(Errno.EIO, FuseErrno.EIO, false)]
    [InlineData(Errno.EBADF, FuseErrno.EIO, false)]
    public void A_full_host_is_told_as_such_and_other_failures_below_are_io_errors(int below, int errno, bool expected)
    {
        EngineErrno.Of(new StorageException(below, "write", "node"), out bool isExpected).Should().Be(errno);
        isExpected.Should().Be(expected);
        EngineErrno.OfTransfer(below).Should().Be(errno);
    }

    [Fact]
    public void A_mistake_in_this_program_is_an_io_error_to_be_reported()
    {
        EngineErrno.Of(new InvalidOperationException(), out bool isExpected).Should().Be(FuseErrno.EIO);
        isExpected.Should().BeFalse();
        EngineErrno.Of(new FuseException(FuseErrno.EPERM), out isExpected).Should().Be(FuseErrno.EPERM);
        isExpected.Should().BeTrue();
    }
}
