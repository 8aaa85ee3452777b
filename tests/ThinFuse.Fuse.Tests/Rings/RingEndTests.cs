using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>Connections over io_uring that end while requests are under way.</summary>
[Collection(MountsCollection.Name)]
public abstract class RingEndTests
{
    private const int PieceBytes = 4096;

    private readonly FuseSessionOptions _transport;

    protected RingEndTests(FuseSessionOptions transport) => _transport = transport;

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(200)]
    public void Requests_that_wait_when_the_connection_is_aborted_fail_and_late_answers_are_dropped(int readerCount)
    {
        CapturingLogger logger = new();
        ConcurrentQueue<FuseRequest> parked = new();
        using CountdownEvent arrived = new(Math.Min(readerCount, 64));
        OneFileMount mount = Mount(
            new OneFileSystem
            {
                OnRead = (request, _) =>
                {
                    parked.Enqueue(request);
                    if (!arrived.IsSet)
                    {
                        arrived.Signal();
                    }
                },
            },
            logger);
        ConcurrentBag<long> results = [];
        Thread[] readers = [.. Enumerable.Range(0, readerCount)
            .Select(_ => new Thread(() => results.Add(NativeFile.Read(mount.Handle, new byte[PieceBytes], 0))))];
        Array.ForEach(readers, reader => reader.Start());
        arrived.Wait(FakeKernel.PatienceMs).Should().BeTrue();

        mount.Mount.Dispose();
        readers.Should().OnlyContain(reader => reader.Join(FakeKernel.PatienceMs));
        results.Should().HaveCount(readerCount).And.OnlyContain(result => result == -FuseErrno.ECONNABORTED || result == -FuseErrno.ENOTCONN);
        mount.Mount.Session.Completion.Wait(FakeKernel.PatienceMs).Should().BeTrue();
        while (parked.TryDequeue(out FuseRequest? request))
        {
            // The memory is there as long as the request is.
            request.ReadBuffer.Fill(1);
            request.ReplyData(PieceBytes);
        }

        mount.Dispose();
        logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().BeEmpty();
    }

    [SkippableFact]
    public void A_connection_that_is_aborted_under_load_ends_and_leaves_no_thread()
    {
        using DirectFile file = new(Bytes.Pattern(1 << 20));
        CompletionOf answering = new((request, errno) =>
        {
            if (errno != 0)
            {
                request.ReplyError(errno);
            }
            else
            {
                request.ReplyData(PieceBytes);
            }
        });
        for (int round = 0; round < 10; round++)
        {
            using SemaphoreSlim served = new(0);
            OneFileMount mount = Mount(new OneFileSystem
            {
                OnRead = (request, offsetBytes) =>
                {
                    served.Release();
                    request.TransferPlan.Add(file.Descriptor, offsetBytes, 0, PieceBytes, isDirect: true);
                    request.Move(request.TransferPlan, answering);
                },
            });
            Thread[] readers = [.. Enumerable.Range(0, 16).Select(i => new Thread(() =>
            {
                byte[] buffer = new byte[PieceBytes];
                while (NativeFile.Read(mount.Handle, buffer, i * PieceBytes) == PieceBytes)
                {
                    // Until the connection ends.
                }
            }))];
            Array.ForEach(readers, reader => reader.Start());
            for (int i = 0; i < 100; i++)
            {
                served.Wait(FakeKernel.PatienceMs).Should().BeTrue();
            }

            mount.Mount.Dispose();
            readers.Should().OnlyContain(reader => reader.Join(FakeKernel.PatienceMs));
            mount.Mount.Session.Completion.IsCompletedSuccessfully.Should().BeTrue();
            mount.Dispose();
        }

        // A thread that has been joined is seen until the kernel has taken it apart.
        SpinWait.SpinUntil(() => RingThreads() == 0, FakeKernel.PatienceMs).Should().BeTrue();
    }

    [SkippableFact]
    public void A_server_that_is_killed_takes_its_waiting_requests_with_it()
    {
        using MountPoint point = new();
        using Process server = Shell.Start(
            Environment.ProcessPath!, typeof(RingEndTests).Assembly.Location, point.Path, TransportName.Of(_transport));
        server.StandardOutput.ReadLine().Should().Be("serving");
        string file = Path.Combine(point.Path, MemoryFileSystem.Waiting);
        File.WriteAllText(file, "x");
        using Process reader = Shell.Start("sh", "-c", "exec 2>&1; echo reading; cat \"$0\"", file);
        reader.StandardOutput.ReadLine().Should().Be("reading");

        // The reader waits in the kernel once its read has reached the server, which says so.
        server.StandardOutput.ReadLine().Should().Be("waiting");
        server.Kill();
        reader.WaitForExit(FakeKernel.PatienceMs).Should().BeTrue();

        reader.StandardOutput.ReadToEnd().Should().MatchRegex("connection abort|not connected");
        Shell.Try("stat \"$1\"", file).Output.Should().Contain("not connected");
        Shell.Run("umount \"$1\"", point.Path);
    }

    private int RingThreads() => OwnThreads.CountOf(_transport.Transport == FuseTransportKind.Uring ? "fuse-ring" : "fuse-device");

    private OneFileMount Mount(OneFileSystem fileSystem, CapturingLogger? logger = null) => new(fileSystem, logger, _transport);
}
