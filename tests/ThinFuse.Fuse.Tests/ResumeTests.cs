using System.Buffers.Binary;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests;

/// <summary>Going on with the connection of another process, and leaving one to another process.</summary>
public sealed class ResumeTests
{
    private const ulong ResentBit = 1UL << 63;
    private const int ResendCode = 7;
    private const int UniqueAt = 8;

    private static readonly FuseNegotiation Negotiation = new()
    {
        KernelMinor = 45,
        Offered = FuseInitFlags.HasResend,
        Agreed = FuseInitFlags.HasResend,
        MaxWriteBytes = 1 << 20,
        MaxReadaheadBytes = 1 << 17,
        MaxBackground = 16,
    };

    [Fact]
    public void A_successor_first_asks_for_what_is_unanswered_and_knows_it_again()
    {
        using FakeKernel kernel = new();
        List<(bool IsResent, ulong Original)> seen = [];
        HookFileSystem files = new()
        {
            OnLookup = request =>
            {
                seen.Add((request.IsResent, request.OriginalUnique));
                request.ReplyError(FuseErrno.ENOENT);
            },
        };
        using FuseSession session = Resume(kernel, files);
        FakeReply resend = kernel.Receive();
        (resend.Unique, resend.Error).Should().Be((0UL, ResendCode));

        byte[] message = kernel.Request(FuseOpcode.Lookup, 1, Bytes.Name("vm1"));
        ulong unique = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(UniqueAt));
        kernel.SendRaw(message);
        kernel.Receive().Unique.Should().Be(unique);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(UniqueAt), unique | ResentBit);
        kernel.SendRaw(message);

        kernel.Receive().Unique.Should().Be(unique | ResentBit, "the kernel finds a request that it sent again by the marked number");
        seen.Should().Equal((false, unique), (true, unique));
    }

    [Fact]
    public async Task A_connection_that_has_ended_meanwhile_makes_a_session_that_ends()
    {
        FakeKernel kernel = new();
        kernel.Dispose();

        using FuseSession session = Resume(kernel, new RecordingFileSystem());

        await session.Completion.WaitAsync(TimeSpan.FromMilliseconds(FakeKernel.PatienceMs));
    }

    [Fact]
    public void What_comes_after_a_session_left_is_not_handled_and_what_is_under_way_is_finished()
    {
        using FakeKernel kernel = new();
        using ManualResetEventSlim began = new();
        using ManualResetEventSlim mayEnd = new();
        int handled = 0;
        HookFileSystem files = new()
        {
            OnLookup = request =>
            {
                Interlocked.Increment(ref handled);
                began.Set();
                mayEnd.Wait();
                request.ReplyError(FuseErrno.ENOENT);
            },
        };
        using FuseSession session = Resume(kernel, files);
        kernel.Receive();
        ulong first = kernel.Send(FuseOpcode.Lookup, 1, Bytes.Name("a"));
        began.Wait(FakeKernel.PatienceMs).Should().BeTrue();

        session.Leave(TimeSpan.Zero).Should().BeFalse();
        mayEnd.Set();
        session.Leave(TimeSpan.FromMilliseconds(FakeKernel.PatienceMs)).Should().BeTrue();
        kernel.Send(FuseOpcode.Lookup, 1, Bytes.Name("b"));

        kernel.Receive().Unique.Should().Be(first);
        kernel.TryReceive(100).Should().BeNull();
        handled.Should().Be(1);
    }

    [Fact]
    public void A_request_that_waits_keeps_nobody_from_leaving_and_its_answer_is_dropped()
    {
        using FakeKernel kernel = new();
        FuseRequest? waiting = null;
        using ManualResetEventSlim waits = new();
        HookFileSystem files = new()
        {
            OnLookup = request =>
            {
                waiting = request;
                waits.Set();
            },
        };
        using FuseSession session = Resume(kernel, files);
        kernel.Receive();
        kernel.Send(FuseOpcode.Lookup, 1, Bytes.Name("a"));
        waits.Wait(FakeKernel.PatienceMs).Should().BeTrue();

        session.Leave(TimeSpan.FromMilliseconds(FakeKernel.PatienceMs)).Should().BeTrue();
        session.Silence();
        waiting!.ReplyError(FuseErrno.ENOENT);

        kernel.TryReceive(100).Should().BeNull();
    }

    private static FuseSession Resume(FakeKernel kernel, FuseFileSystem files) => FuseSession.Resume(
        new FuseConnection(kernel.Device, [], Negotiation), files, new FuseSessionOptions { ThreadCount = 1, CloneDevice = false }, new CapturingLogger());
}
