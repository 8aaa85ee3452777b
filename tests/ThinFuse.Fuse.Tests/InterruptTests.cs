using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class InterruptTests
{
    [Fact]
    public void An_interrupt_reaches_the_parked_request_and_only_that()
    {
        using FakeKernel kernel = new();
        BlockingCollection<FuseRequest> parked = [];
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                request.OnInterrupt(interrupted => interrupted.ReplyError(FuseErrno.EINTR));
                parked.Add(request);
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());
        ulong first = kernel.Send(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
        ulong second = kernel.Send(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
        FuseRequest[] requests = [parked.Take(), parked.Take()];
        kernel.Send(FuseOpcode.Interrupt, 0, Bytes.Of(new InterruptIn { Unique = second }));

        kernel.Receive().Should().BeEquivalentTo(new { Unique = second, Error = -FuseErrno.EINTR });
        FuseRequest left = requests.Single(request => request.Unique == first);
        left.IsInterrupted.Should().BeFalse();
        left.ReplyWritten(0);
        kernel.Receive().Should().BeEquivalentTo(new { Unique = first, Error = 0 });
    }

    [Fact]
    public void An_interrupt_that_comes_before_its_request_is_kept_for_it()
    {
        using FakeKernel kernel = new();
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                if (request.IsInterrupted)
                {
                    request.OnInterrupt(interrupted => interrupted.ReplyError(FuseErrno.EINTR));
                }
                else
                {
                    request.ReplyWritten(0);
                }
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 1);
        byte[] write = kernel.Request(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
        ulong unique = BitConverter.ToUInt64(write, 8);
        kernel.Send(FuseOpcode.Interrupt, 0, Bytes.Of(new InterruptIn { Unique = unique }));
        kernel.SendRaw(write);

        kernel.Receive().Should().BeEquivalentTo(new { Unique = unique, Error = -FuseErrno.EINTR }, "the callback ran inline");
        kernel.Call(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn))).Error.Should().Be(0, "the interruption was used up");
    }

    [Fact]
    public void An_interrupt_of_a_request_that_is_answered_changes_nothing()
    {
        using FakeKernel kernel = new();
        int calls = 0;
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                request.OnInterrupt(_ => Interlocked.Increment(ref calls));
                request.ReplyWritten(0);
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 1);
        FakeReply reply = kernel.Call(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
        kernel.Send(FuseOpcode.Interrupt, 0, Bytes.Of(new InterruptIn { Unique = reply.Unique }));

        kernel.Call(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn))).Error.Should().Be(0);
        calls.Should().Be(0);
    }

    [Fact]
    public void A_callback_that_throws_is_logged_and_the_request_can_still_be_answered()
    {
        using FakeKernel kernel = new();
        BlockingCollection<FuseRequest> parked = [];
        CapturingLogger logger = new();
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                request.OnInterrupt(_ => throw new InvalidOperationException("broken callback"));
                parked.Add(request);
            },
        };
        using FuseSession session = kernel.Start(fileSystem, logger, threads: 1);
        ulong unique = kernel.Send(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
        FuseRequest request = parked.Take();
        kernel.Send(FuseOpcode.Interrupt, 0, Bytes.Of(new InterruptIn { Unique = unique }));
        logger.WaitForEntry();

        logger.Entries.Should().ContainSingle().Which.Exception!.Message.Should().Be("broken callback");
        request.IsInterrupted.Should().BeTrue();
        request.ReplyWritten(0);
        kernel.Receive().Unique.Should().Be(unique);
    }

    [Fact]
    public void Interrupts_racing_with_answers_give_each_request_exactly_one()
    {
        const int Rounds = 2000;
        using FakeKernel kernel = new();
        BlockingCollection<(FuseRequest Request, Waiter Waiter)> parked = [];
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                Waiter waiter = new();
                request.State = waiter;
                request.OnInterrupt(static interrupted =>
                {
                    if (((Waiter)interrupted.State!).TryTake())
                    {
                        interrupted.ReplyError(FuseErrno.EINTR);
                    }
                });
                parked.Add((request, waiter));
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());
        Thread answerer = new(() =>
        {
            foreach ((FuseRequest request, Waiter waiter) in parked.GetConsumingEnumerable())
            {
                if (waiter.TryTake())
                {
                    request.ReplyWritten(0);
                }
            }
        });
        answerer.Start();
        for (int round = 0; round < Rounds; round++)
        {
            ulong unique = kernel.Send(FuseOpcode.Write, 1, Bytes.Of(default(WriteIn)));
            kernel.Send(FuseOpcode.Interrupt, 0, Bytes.Of(new InterruptIn { Unique = unique }));
            kernel.Receive().Unique.Should().Be(unique);
        }

        parked.CompleteAdding();
        answerer.Join();
        kernel.TryReceive(0).Should().BeNull();
    }
}
