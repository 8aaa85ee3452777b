using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>Data between files and requests, moved by the rings that carry the requests.</summary>
[Collection(MountsCollection.Name)]
public abstract class RingTransferTests : IDisposable
{
    private const int PieceBytes = 4096;
    private const int Pieces = 64;
    private const int RequestBytes = Pieces * PieceBytes;

    private readonly byte[] _content = Bytes.Pattern(RequestBytes);
    private readonly DirectFile _file;

    private readonly FuseSessionOptions _transport;

    protected RingTransferTests(FuseSessionOptions transport)
    {
        _transport = transport;
        _file = new DirectFile(_content);
    }

    public void Dispose()
    {
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_read_is_put_together_from_many_pieces_and_zeros(bool isDirect)
    {
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) =>
            {
                request.ReadBuffer.Fill(0xAA);
                for (int i = 0; i < Pieces; i++)
                {
                    if (i % 7 == 3)
                    {
                        request.TransferPlan.AddZeros(i * PieceBytes, PieceBytes);
                    }
                    else
                    {
                        // Back to front, so that no two pieces merge.
                        request.TransferPlan.Add(Descriptor(isDirect), (Pieces - 1 - i) * PieceBytes, i * PieceBytes, PieceBytes, isDirect);
                    }
                }

                request.Move(request.TransferPlan, Answering);
            },
        });
        byte[] read = mount.Read(0, RequestBytes);

        for (int i = 0; i < Pieces; i++)
        {
            byte[] expected = i % 7 == 3 ? new byte[PieceBytes] : _content[((Pieces - 1 - i) * PieceBytes)..((Pieces - i) * PieceBytes)];
            read.AsSpan(i * PieceBytes, PieceBytes).SequenceEqual(expected).Should().BeTrue("piece {0} is to be the file's", i);
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_write_goes_where_its_plan_says(bool isDirect)
    {
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnWrite = (request, _) =>
            {
                for (int i = 0; i < Pieces; i++)
                {
                    request.TransferPlan.Add(Descriptor(isDirect), (Pieces - 1 - i) * PieceBytes, i * PieceBytes, PieceBytes, isDirect);
                }

                request.Move(request.TransferPlan, Answering);
            },
        });
        byte[] written = Bytes.Pattern(RequestBytes + 1)[..RequestBytes];
        RandomAccess.Write(mount.Handle, written, 0);

        byte[] content = _file.Content;
        for (int i = 0; i < Pieces; i++)
        {
            content.AsSpan((Pieces - 1 - i) * PieceBytes, PieceBytes).SequenceEqual(written.AsSpan(i * PieceBytes, PieceBytes))
                .Should().BeTrue("piece {0} is to be the caller's", i);
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_reads_as_zeros_past_its_end(bool isDirect)
    {
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) =>
            {
                request.ReadBuffer.Fill(0xAA);
                request.TransferPlan.Add(Descriptor(isDirect), RequestBytes - PieceBytes, 0, 2 * PieceBytes, isDirect);
                request.Move(request.TransferPlan, Answering);
            },
        });
        byte[] read = mount.Read(0, 2 * PieceBytes);

        read[..PieceBytes].Should().Equal(_content[^PieceBytes..]);
        read[PieceBytes..].Should().OnlyContain(value => value == 0);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transfer_that_fails_tells_its_errno_and_the_next_goes_well(bool isDirect)
    {
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, offsetBytes) =>
            {
                int descriptor = offsetBytes == 0 ? int.MaxValue : Descriptor(isDirect);
                request.TransferPlan.Add(descriptor, 0, 0, PieceBytes, isDirect);
                request.TransferPlan.Add(Descriptor(isDirect), 3 * PieceBytes, PieceBytes, PieceBytes, isDirect);
                request.Move(request.TransferPlan, Answering);
            },
        });
        NativeFile.Read(mount.Handle, new byte[2 * PieceBytes], 0).Should().Be(-FuseErrno.EBADF);
        mount.Read(PieceBytes, 2 * PieceBytes).Should().Equal([.. _content[..PieceBytes], .. _content[(3 * PieceBytes)..(4 * PieceBytes)]]);
    }

    [SkippableFact]
    public void A_completion_that_throws_is_answered_with_an_i_o_error_and_logged()
    {
        CapturingLogger logger = new();
        CompletionOf throwing = new((_, _) => throw new InvalidOperationException("broken"));
        using OneFileMount mount = Mount(
            new OneFileSystem
            {
                OnRead = (request, _) =>
                {
                    request.TransferPlan.Add(_file.Descriptor, 0, 0, PieceBytes, isDirect: true);
                    request.Move(request.TransferPlan, throwing);
                },
            },
            logger);

        NativeFile.Read(mount.Handle, new byte[PieceBytes], 0).Should().Be(-FuseErrno.EIO);
        logger.Entries.Should().Contain(entry => entry.Exception is InvalidOperationException);
    }

    [SkippableFact]
    public void Data_can_be_moved_again_and_from_another_thread()
    {
        CompletionOf again = new((request, errno) => ThreadPool.QueueUserWorkItem(_ =>
        {
            request.ThreadMustNotBlock.Should().BeFalse();
            request.TransferPlan.Reset(FuseTransferDirection.FromFiles);
            request.TransferPlan.Add(_file.Descriptor, 0, PieceBytes, PieceBytes, isDirect: true);
            request.Move(request.TransferPlan, Answering);
        }));
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnRead = (request, _) =>
            {
                request.ThreadMustNotBlock.Should().BeTrue();
                request.TransferPlan.Add(_file.Descriptor, PieceBytes, 0, PieceBytes, isDirect: true);
                request.Move(request.TransferPlan, again);
            },
        });

        mount.Read(0, 2 * PieceBytes).Should().Equal([.. _content[PieceBytes..(2 * PieceBytes)], .. _content[..PieceBytes]]);
    }

    private static CompletionOf Answering { get; } = new((request, errno) =>
    {
        if (errno != 0)
        {
            request.ReplyError(errno);
        }
        else if (request.Opcode == FuseOpcode.Read)
        {
            request.ReplyData(request.ReadBuffer.Length);
        }
        else
        {
            request.ReplyWritten(request.Payload.Length);
        }
    });

    private int Descriptor(bool isDirect) => isDirect ? _file.Descriptor : _file.CachedDescriptor;

    private OneFileMount Mount(OneFileSystem fileSystem, CapturingLogger? logger = null) => new(fileSystem, logger, _transport);
}
