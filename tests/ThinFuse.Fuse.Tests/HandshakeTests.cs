using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class HandshakeTests
{
    private static readonly FuseSessionOptions Options = new() { CloneDevice = false, ThreadCount = 1, MaxBackground = 256 };

    [Fact]
    public void Init_agrees_on_what_both_sides_know_and_asks_for_one_mebibyte()
    {
        using FakeKernel kernel = new();
        kernel.SendInit(7, 45, ulong.MaxValue);
        using FuseSession session = FuseSession.Start(kernel.Device, new RecordingFileSystem(), Options, new CapturingLogger());
        InitOut answer = kernel.Receive().As<InitOut>();

        (answer.Major, answer.Minor).Should().Be((7u, 45u));
        (answer.MaxWrite, answer.MaxPages, answer.MaxBackground, answer.TimeGranularity).Should().Be((1u << 20, (ushort)256, (ushort)256, 1u));
        answer.CongestionThreshold.Should().Be(192);
        FuseInitFlags agreed = (FuseInitFlags)(answer.Flags | ((ulong)answer.Flags2 << 32));
        agreed.Should().Be(session.Negotiation.Agreed);
        agreed.Should().HaveFlag(
            FuseInitFlags.AsyncRead | FuseInitFlags.AsyncDirectIo | FuseInitFlags.DirectIoAllowMmap | FuseInitFlags.HasResend
            | FuseInitFlags.ReadDirectoryPlus | FuseInitFlags.Extended);
        (agreed & (FuseInitFlags.WritebackCache | FuseInitFlags.AtomicTruncate | FuseInitFlags.OverIoUring)).Should().Be(FuseInitFlags.None);
        session.Negotiation.CanResend.Should().BeTrue();
    }

    [Fact]
    public void Nothing_is_agreed_on_that_the_kernel_did_not_offer()
    {
        using FakeKernel kernel = new();
        kernel.SendInit(7, 31, (ulong)FuseInitFlags.AsyncRead);
        using FuseSession session = FuseSession.Start(kernel.Device, new RecordingFileSystem(), Options, new CapturingLogger());
        InitOut answer = kernel.Receive().As<InitOut>();

        ((FuseInitFlags)answer.Flags, answer.Flags2, answer.MaxWrite).Should().Be((FuseInitFlags.AsyncRead, 0u, 128u * 1024));
        session.Negotiation.CanResend.Should().BeFalse();
        session.Negotiation.Minor.Should().Be(31);
    }

    [Fact]
    public void A_newer_major_version_is_asked_to_start_again()
    {
        using FakeKernel kernel = new();
        kernel.SendInit(8, 0, 0);
        kernel.SendInit(7, 45, ulong.MaxValue);
        using FuseSession session = FuseSession.Start(kernel.Device, new RecordingFileSystem(), Options, new CapturingLogger());

        kernel.Receive().As<InitOut>().Should().BeEquivalentTo(new { Major = 7u, Flags = 0u });
        kernel.Receive().As<InitOut>().MaxWrite.Should().Be(1 << 20);
    }

    [Fact]
    public void A_kernel_that_is_too_old_is_refused_with_both_versions_named()
    {
        using FakeKernel kernel = new();
        kernel.SendInit(7, 30, 0);
        Action start = () => FuseSession.Start(kernel.Device, new RecordingFileSystem(), Options, new CapturingLogger());

        start.Should().Throw<FuseException>().WithMessage("*7.30*7.31*").Which.ErrorNumber.Should().Be(93);
        kernel.Receive().Error.Should().Be(-93);
    }

    [Fact]
    public void Without_an_init_the_session_does_not_start()
    {
        using FakeKernel kernel = new();
        Action start = () => FuseSession.Start(
            kernel.Device, new RecordingFileSystem(), Options with { InitTimeout = TimeSpan.FromMilliseconds(1) }, new CapturingLogger());

        start.Should().Throw<FuseException>().Which.ErrorNumber.Should().Be(FuseErrno.ETIMEDOUT);
        kernel.Device.IsClosed.Should().BeTrue("the session owns the device from the start");
    }

    [Fact]
    public void Another_first_request_than_init_is_refused()
    {
        using FakeKernel kernel = new();
        kernel.Send(FuseOpcode.StatFs, 1);
        Action start = () => FuseSession.Start(kernel.Device, new RecordingFileSystem(), Options, new CapturingLogger());

        start.Should().Throw<FuseException>().WithMessage("*INIT*");
    }

    [Fact]
    public async Task The_session_completes_when_the_connection_ends()
    {
        FakeKernel kernel = new();
        RecordingFileSystem fileSystem = new();
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());
        session.Completion.IsCompleted.Should().BeFalse();
        kernel.Dispose();

        await session.WaitAsync().WaitAsync(TimeSpan.FromMilliseconds(FakeKernel.PatienceMs));
        fileSystem.Calls.Should().Equal("started");
    }
}
