using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>Answers that are held until the file system has made them true.</summary>
[Collection(MountsCollection.Name)]
public abstract class RingSettleTests
{
    private const int PieceBytes = 4096;

    private readonly CapturingLogger _logger = new();

    private readonly FuseSessionOptions _transport;

    protected RingSettleTests(FuseSessionOptions transport) => _transport = transport;

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_answer_goes_out_before_the_file_system_has_settled(bool isAnsweredElsewhere)
    {
        int answered = 0;
        int settled = 0;
        using OneFileMount mount = Mount(new OneFileSystem
        {
            OnSettle = () => Volatile.Write(ref settled, Volatile.Read(ref answered)),
            OnWrite = (request, _) =>
            {
                request.TryHold().Should().BeTrue();
                if (isAnsweredElsewhere)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(_ => Answer(), null);
                }
                else
                {
                    Answer();
                }

                void Answer()
                {
                    Interlocked.Increment(ref answered);
                    request.ReplyWritten(request.Payload.Length);
                }
            },
        });
        for (int i = 1; i <= 100; i++)
        {
            RandomAccess.Write(mount.Handle, new byte[PieceBytes], 0);
            Volatile.Read(ref settled).Should().Be(i, "the write has returned");
        }
    }

    [SkippableFact]
    public void What_cannot_be_settled_becomes_an_error_and_what_was_not_held_stays()
    {
        bool fails = true;
        using OneFileMount mount = Mount(
            new OneFileSystem
            {
                OnSettle = () =>
                {
                    if (Volatile.Read(ref fails))
                    {
                        throw new InvalidOperationException("cannot settle");
                    }
                },
                OnRead = (request, _) => request.ReplyData(PieceBytes),
                OnWrite = (request, offsetBytes) =>
                {
                    request.TryHold().Should().BeTrue();
                    if (offsetBytes == 0)
                    {
                        request.ReplyWritten(request.Payload.Length);
                    }
                    else
                    {
                        request.ReplyError(FuseErrno.ENOSPC);
                    }
                },
            },
            _logger);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], 0).Should().Be(-FuseErrno.EIO);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], PieceBytes).Should().Be(-FuseErrno.ENOSPC, "an error stays what it was");
        mount.Read(0, PieceBytes);
        _logger.Entries.Should().Contain(entry => entry.Level == LogLevel.Error && entry.Text.Contains("held"));

        Volatile.Write(ref fails, false);
        NativeFile.Write(mount.Handle, new byte[PieceBytes], 0).Should().Be(PieceBytes);
    }

    private OneFileMount Mount(OneFileSystem fileSystem, CapturingLogger? logger = null) => new(fileSystem, logger, _transport);
}
