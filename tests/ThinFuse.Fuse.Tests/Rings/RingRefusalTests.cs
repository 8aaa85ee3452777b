using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transport.Uring;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>What becomes of a mount when io_uring cannot be had.</summary>
[Collection(MountsCollection.Name)]
public sealed class RingRefusalTests(UringSwitch uring)
{
    private readonly CapturingLogger _logger = new();

    [SkippableFact]
    public void Asked_for_and_switched_off_the_mount_fails_and_says_what_to_do() => uring.WhileOff(() =>
    {
        using MountPoint point = new();
        FuseMountOptions options = new() { Session = new FuseSessionOptions { Transport = FuseTransportKind.Uring } };
        FuseMountException refusal = new Action(() => FuseMount.Mount(point.Path, options, new MemoryFileSystem(), _logger))
            .Should().Throw<FuseMountException>().Which;

        refusal.ErrorNumber.Should().Be(FuseErrno.EOPNOTSUPP);
        refusal.Message.Should().StartWith($"cannot mount on {point.Path}: ").And.NotContain("\n")
            .And.Contain("echo Y | sudo tee /sys/module/fuse/parameters/enable_uring");
        point.IsMounted.Should().BeFalse();
    });

    [SkippableFact]
    public void Left_to_choose_it_goes_on_with_the_device_and_says_why_once() => uring.WhileOff(() =>
    {
        using OneFileMount mount = new(
            new OneFileSystem { OnRead = (request, _) => request.ReplyData(1) }, _logger, FuseTransportKind.Automatic);
        mount.Read(0, 1);

        mount.Mount.Session.Transport.Should().Be(FuseTransportKind.Device);
        _logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().ContainSingle()
            .Which.Text.Should().StartWith("Requests come through /dev/fuse: FUSE over io_uring is switched off");
    });

    [SkippableFact]
    public void Left_to_choose_it_takes_io_uring_where_it_is_to_be_had()
    {
        uring.Require();
        using OneFileMount mount = new(
            new OneFileSystem { OnRead = (request, _) => request.ReplyData(1) }, _logger, FuseTransportKind.Automatic);
        mount.Read(0, 1);

        mount.Mount.Session.Transport.Should().Be(FuseTransportKind.Uring);
        mount.Mount.Session.Negotiation.Agreed.Should().HaveFlag(FuseInitFlags.OverIoUring);
        _logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().BeEmpty();
    }

    /// <summary>A socket agrees to everything and then knows no command of FUSE.</summary>
    [SkippableFact]
    public void Rings_that_are_refused_after_all_give_way_to_the_device_or_fail_the_start()
    {
        uring.Require();
        FuseSessionOptions options = new() { CloneDevice = false, Transport = FuseTransportKind.Automatic };
        using FakeKernel kernel = new();
        kernel.SendInit(7, 45, ulong.MaxValue);
        using (FuseSession session = FuseSession.Start(kernel.Device, new RecordingFileSystem(), options, _logger))
        {
            kernel.Receive().Error.Should().Be(0);
            session.Transport.Should().Be(FuseTransportKind.Device);
            kernel.Call(FuseOpcode.StatFs, 1).Error.Should().Be(0);
        }

        _logger.Entries.Should().Contain(entry => entry.Text.StartsWith("Requests come through /dev/fuse: the kernel refused the rings"));
        using FakeKernel other = new();
        other.SendInit(7, 45, ulong.MaxValue);
        new Action(() => FuseSession.Start(
            other.Device, new RecordingFileSystem(), options with { Transport = FuseTransportKind.Uring }, _logger))
            .Should().Throw<FuseException>().WithMessage("*refused the rings*");
    }

    [Theory]
    [InlineData(FuseErrno.EPERM, "*not permitted*")]
    [InlineData(FuseErrno.ENOSYS, "*not permitted*")]
    [InlineData(FuseErrno.ENOMEM, "*ulimit*")]
    [InlineData(FuseErrno.EINVAL, "*Invalid argument*")]
    public void A_refused_ring_is_explained_in_one_line(int errno, string expected) =>
        UringRefusal.NotPermitted(new FuseException(errno)).Should().Match(expected).And.NotContain("\n");

    [Theory]
    [InlineData("0\n", 1)]
    [InlineData("0-3\n", 4)]
    [InlineData("0-1,4,6-7\n", 5)]
    public void There_is_a_queue_for_every_possible_cpu(string list, int count) => PossibleCpus.CountIn(list).Should().Be(count);
}
