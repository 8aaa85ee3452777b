using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class HandlerExceptionTests
{
    [Fact]
    public void An_exception_is_answered_with_an_i_o_error_and_logged_with_opcode_and_inode()
    {
        using FakeKernel kernel = new();
        CapturingLogger logger = new();
        HookFileSystem fileSystem = new() { OnLookup = _ => throw new InvalidOperationException("broken") };
        using FuseSession session = kernel.Start(fileSystem, logger, threads: 1);

        for (int i = 0; i < 3; i++)
        {
            kernel.Call(FuseOpcode.Lookup, 4711, Bytes.Name("a")).Error.Should().Be(-FuseErrno.EIO);
        }

        kernel.Call(FuseOpcode.Destroy, 0).Error.Should().Be(0, "the only thread lives on");
        logger.Entries.Should().HaveCount(3).And.OnlyContain(entry =>
            entry.Level == LogLevel.Error && entry.Text.Contains("Lookup on inode 4711") && entry.Exception is InvalidOperationException);
    }

    [Fact]
    public void A_fuse_exception_is_answered_with_its_errno()
    {
        using FakeKernel kernel = new();
        HookFileSystem fileSystem = new() { OnLookup = _ => throw new FuseException(FuseErrno.ENOSPC) };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());

        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a")).Error.Should().Be(-FuseErrno.ENOSPC);
    }

    [Fact]
    public void An_exception_after_the_answer_is_only_logged()
    {
        using FakeKernel kernel = new();
        CapturingLogger logger = new();
        HookFileSystem fileSystem = new()
        {
            OnLookup = request =>
            {
                request.ReplyError(FuseErrno.ENOENT);
                throw new InvalidOperationException("late");
            },
        };
        using FuseSession session = kernel.Start(fileSystem, logger, threads: 1);

        kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("a")).Error.Should().Be(-FuseErrno.ENOENT);
        kernel.Call(FuseOpcode.Destroy, 0).Error.Should().Be(0);
        logger.Entries.Should().ContainSingle().Which.Text.Should().Contain("after it was answered");
    }

    [Fact]
    public void An_answer_that_is_longer_than_asked_for_becomes_an_i_o_error()
    {
        using FakeKernel kernel = new();
        HookFileSystem fileSystem = new()
        {
            OnRead = request => request.ReplyData(request.ReadBuffer.Length + 1),
            OnWrite = request => request.ReplyWritten(request.Payload.Length + 1),
        };
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());

        kernel.Call(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = 4096 })).Error.Should().Be(-FuseErrno.EIO);
        kernel.Call(FuseOpcode.Write, 1, Bytes.Of(new WriteIn { Size = 3 }), new byte[3]).Error.Should().Be(-FuseErrno.EIO);
    }

    [Fact]
    public void An_answer_that_the_device_refuses_becomes_an_i_o_error_and_is_logged()
    {
        // A socket takes no message as long as this; the kernel's device would.
        using FakeKernel kernel = new();
        CapturingLogger logger = new();
        HookFileSystem fileSystem = new() { OnRead = request => request.ReplyData(request.ReadBuffer.Length) };
        using FuseSession session = kernel.Start(fileSystem, logger);

        kernel.Call(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = FuseRequest.DataCapacityBytes })).Error.Should().Be(-FuseErrno.EIO);
        logger.Entries.Should().ContainSingle().Which.Text.Should().Contain("refused the answer to Read");
    }

    [Fact]
    public void A_forget_that_throws_keeps_no_other_from_being_told()
    {
        using FakeKernel kernel = new();
        CapturingLogger logger = new();
        List<ulong> forgotten = [];
        HookFileSystem fileSystem = new()
        {
            OnForget = nodeId =>
            {
                forgotten.Add(nodeId);
                throw new InvalidOperationException("broken");
            },
        };
        using FuseSession session = kernel.Start(fileSystem, logger, threads: 1);
        kernel.Send(FuseOpcode.Forget, 5, Bytes.Of(new ForgetIn { Lookups = 1 }));
        kernel.Send(
            FuseOpcode.BatchForget,
            0,
            Bytes.Of(new BatchForgetIn { Count = 2 }),
            Bytes.Of(new ForgetOne { NodeId = 6 }),
            Bytes.Of(new ForgetOne { NodeId = 7 }));

        kernel.Call(FuseOpcode.Destroy, 0).Error.Should().Be(0);
        forgotten.Should().Equal(5ul, 6ul, 7ul);
        logger.Entries.Should().HaveCount(3);
    }
}
