using System.Collections.Concurrent;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class ParkedRequestTests
{
    [Fact]
    public void Many_more_requests_than_threads_can_wait_while_others_are_served()
    {
        const int Parked = 200;
        using FakeKernel kernel = new();
        BlockingCollection<FuseRequest> parked = [];
        HookFileSystem fileSystem = new() { OnWrite = parked.Add, OnLookup = request => request.ReplyEntry(default) };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 2);
        Dictionary<ulong, int> lengths = [];
        for (int i = 1; i <= Parked; i++)
        {
            lengths.Add(kernel.Send(FuseOpcode.Write, 1, Bytes.Of(new WriteIn { Size = (uint)i }), Bytes.Pattern(i)), i);
            kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("other")).Error.Should().Be(0);
        }

        Thread answerer = new(() =>
        {
            for (int i = 0; i < Parked; i++)
            {
                FuseRequest request = parked.Take();
                int length = request.Payload.Length;
                request.ReplyWritten(request.Payload.SequenceEqual(Bytes.Pattern(length)) ? length : 0);
            }
        });
        answerer.Start();
        for (int i = 0; i < Parked; i++)
        {
            FakeReply reply = kernel.Receive();
            lengths.Remove(reply.Unique, out int length).Should().BeTrue("each is answered once");
            reply.As<WriteOut>().Size.Should().Be((uint)length, "a parked payload is left alone by later requests");
        }

        answerer.Join();
    }

    [Fact]
    public void A_second_answer_throws_and_is_not_sent()
    {
        using FakeKernel kernel = new();
        Exception? thrown = null;
        HookFileSystem fileSystem = new()
        {
            OnLookup = request =>
            {
                request.ReplyError(FuseErrno.ENOENT);
                thrown = Record.Exception(request.ReplyOk);
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 1);

        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a")).Error.Should().Be(-FuseErrno.ENOENT);
        kernel.Call(FuseOpcode.Destroy, 1).Error.Should().Be(0);
        thrown.Should().BeOfType<InvalidOperationException>();
    }

    [Fact]
    public void An_answer_after_the_session_was_disposed_is_dropped()
    {
        FakeKernel kernel = new();
        BlockingCollection<FuseRequest> parked = [];
        CapturingLogger logger = new();
        FuseSession session = kernel.Start(new HookFileSystem { OnRead = parked.Add }, logger);
        kernel.Send(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = 4096 }));
        FuseRequest request = parked.Take();
        kernel.Dispose();
        session.Dispose();

        request.ReplyData(4096);
        logger.Entries.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(512)]
    public void An_errno_that_the_kernel_would_not_accept_becomes_an_i_o_error(int errno)
    {
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new HookFileSystem { OnLookup = request => request.ReplyError(errno) }, new CapturingLogger());

        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a")).Error.Should().Be(-FuseErrno.EIO);
    }

    [Fact]
    public void State_kept_with_a_request_does_not_leak_into_the_next()
    {
        using FakeKernel kernel = new();
        List<object?> seen = [];
        HookFileSystem fileSystem = new()
        {
            OnLookup = request =>
            {
                seen.Add(request.State);
                request.State = "mine";
                request.OnInterrupt(_ => { });
                request.ReplyOk();
            },
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger(), threads: 1);
        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a"));
        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a"));

        seen.Should().HaveCount(2).And.OnlyContain(state => state == null);
    }
}
