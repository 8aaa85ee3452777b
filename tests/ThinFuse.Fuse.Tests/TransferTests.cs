using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class TransferTests : IDisposable
{
    private readonly FileStream _file = new(
        Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private readonly FuseTransferPlan _plan = new();

    private int Descriptor => (int)_file.SafeFileHandle.DangerousGetHandle();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_read_is_put_together_from_files_and_zeros()
    {
        RandomAccess.Write(_file.SafeFileHandle, Bytes.Pattern(8192), 0);
        byte[] body = Read(16384, plan =>
        {
            plan.Add(Descriptor, 4096, 0, 4096);
            plan.AddZeros(4096, 4096);
            plan.Add(Descriptor, 0, 8192, 4096);
            plan.Add(Descriptor, 6144, 12288, 4096);
        }).Body;

        body[..4096].Should().Equal(Bytes.Pattern(8192)[4096..]);
        body[4096..8192].Should().OnlyContain(value => value == 0);
        body[8192..12288].Should().Equal(Bytes.Pattern(8192)[..4096]);
        body[12288..14336].Should().Equal(Bytes.Pattern(8192)[6144..]);
        body[14336..].Should().OnlyContain(value => value == 0, "a file reads as zeros past its end");
    }

    [Fact]
    public void A_write_goes_where_its_plan_says()
    {
        CompletionOf completion = new((request, errno) => Answer(request, errno, request.Payload.Length));
        HookFileSystem fileSystem = new()
        {
            OnWrite = request =>
            {
                request.TransferPlan.Add(Descriptor, 4096, 0, 100);
                request.TransferPlan.Add(Descriptor, 0, 100, 200);
                request.Move(request.TransferPlan, completion);
            },
        };
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());
        kernel.Call(FuseOpcode.Write, 1, Bytes.Of(new WriteIn { Size = 300 }), Bytes.Pattern(300)).As<WriteOut>().Size.Should().Be(300);

        byte[] content = new byte[4196];
        RandomAccess.Read(_file.SafeFileHandle, content, 0).Should().Be(4196);
        content[4096..].Should().Equal(Bytes.Pattern(300)[..100]);
        content[..200].Should().Equal(Bytes.Pattern(300)[100..]);
    }

    [Fact]
    public void A_transfer_that_fails_tells_its_errno()
    {
        Read(4096, plan => plan.Add(int.MaxValue, 0, 0, 4096)).Error.Should().Be(-FuseErrno.EBADF);
    }

    [Fact]
    public void A_completion_that_throws_is_answered_with_an_i_o_error()
    {
        CompletionOf completion = new((_, _) => throw new InvalidOperationException("broken"));
        HookFileSystem fileSystem = new() { OnRead = request => request.Move(request.TransferPlan, completion) };
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());

        kernel.Call(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = 1 })).Error.Should().Be(-FuseErrno.EIO);
    }

    [Fact]
    public void Segments_that_continue_each_other_are_merged()
    {
        _plan.Add(3, 0, 0, 4096);
        _plan.Add(3, 4096, 4096, 4096);
        _plan.Add(3, 12288, 8192, 4096);
        _plan.Add(4, 16384, 12288, 4096);
        _plan.AddZeros(16384, 10);
        _plan.AddZeros(16394, 10);

        _plan.Segments.ToArray().Should().Equal(
            new FuseTransferSegment(3, 0, 0, 8192),
            new FuseTransferSegment(3, 12288, 8192, 4096),
            new FuseTransferSegment(4, 16384, 12288, 4096),
            new FuseTransferSegment(FuseTransferSegment.Zero, 0, 16384, 20));
    }

    [Fact]
    public void A_plan_grows_as_needed_and_can_be_used_again()
    {
        for (int i = 0; i < 100; i++)
        {
            _plan.Add(3, i * 8192L, i * 4096, 4096);
        }

        _plan.Segments.ToArray().Select(segment => segment.FileOffsetBytes).Should().Equal(Enumerable.Range(0, 100).Select(i => i * 8192L));
        _plan.Reset(FuseTransferDirection.ToFiles);
        _plan.Count.Should().Be(0);
    }

    [Fact]
    public void A_plan_takes_nothing_outside_the_data_area()
    {
        const int End = FuseRequest.DataCapacityBytes;
        new Action(() => _plan.Add(3, 0, End, 1)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.Add(3, 0, 1, End)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.Add(3, 0, int.MaxValue, int.MaxValue)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.Add(3, 0, -1, 1)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.Add(3, -1, 0, 1)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.Add(-1, 0, 0, 1)).Should().Throw<ArgumentOutOfRangeException>();
        new Action(() => _plan.AddZeros(0, 0)).Should().Throw<ArgumentOutOfRangeException>();
        _plan.Count.Should().Be(0);
        _plan.Reset(FuseTransferDirection.ToFiles);
        new Action(() => _plan.AddZeros(0, 1)).Should().Throw<InvalidOperationException>();
    }

    private static FakeReply Read(int lengthBytes, Action<FuseTransferPlan> fill)
    {
        CompletionOf completion = new((request, errno) => Answer(request, errno, request.ReadBuffer.Length));
        HookFileSystem fileSystem = new()
        {
            OnRead = request =>
            {
                request.ReadBuffer.Fill(0xAA);
                fill(request.TransferPlan);
                request.Move(request.TransferPlan, completion);
            },
        };
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(fileSystem, new CapturingLogger());
        return kernel.Call(FuseOpcode.Read, 1, Bytes.Of(new ReadIn { Size = (uint)lengthBytes }));
    }

    private static void Answer(FuseRequest request, int errno, int lengthBytes)
    {
        if (errno != 0)
        {
            request.ReplyError(errno);
        }
        else if (request.Opcode == FuseOpcode.Read)
        {
            request.ReplyData(lengthBytes);
        }
        else
        {
            request.ReplyWritten(lengthBytes);
        }
    }
}
