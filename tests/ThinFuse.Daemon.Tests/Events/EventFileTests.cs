using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Daemon.Events.Files;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Events;

[Collection(MountCollection.Name)]
public sealed partial class EventFileTests : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int SetFlags = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MountedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    private string Path => _pool.PathOf(".thinfuse/events");

    [SkippableFact]
    public async Task Several_readers_see_what_happens_after_they_opened()
    {
        Tell("before");
        using EventReader first = Reader();
        Tell("one");
        (await first.NextAsync()).Should().Be("volume_created one");
        using EventReader second = Reader(others: 1);
        Tell("two");
        Tell("three");

        (await first.NextAsync()).Should().Be("volume_created two");
        (await second.NextAsync()).Should().Be("volume_created two");
        (await second.NextAsync()).Should().Be("volume_created three");
        (await first.NextAsync()).Should().Be("volume_created three");
    }

    [SkippableFact]
    public void A_signal_ends_a_reader_that_waits()
    {
        using EventReader reader = Reader();
        WaitUntilReading(reader.ProcessId);

        Shell.Run("/", $"kill -TERM {reader.ProcessId}").MustSucceed();

        reader.WaitForEnd().Should().NotBe(0);
        WaitForReaders(0);
    }

    [SkippableTheory]
    [InlineData(FuseTransportKind.Device)]
    [InlineData(FuseTransportKind.Automatic)]
    public async Task As_many_readers_as_may_be_hold_up_nobody_and_one_more_is_refused(FuseTransportKind transport)
    {
        using MountedPool pool = new(transport);
        EventReader[] readers = [.. Enumerable.Range(0, EventFiles.MaxOpen).Select(_ => new EventReader(pool.PathOf(".thinfuse/events")))];
        try
        {
            SpinWait.SpinUntil(() => pool.EventReaders == readers.Length, Patience).Should().BeTrue();
            foreach (EventReader reader in readers)
            {
                WaitUntilReading(reader.ProcessId);
            }

            await File.WriteAllBytesAsync(pool.PathOf("vm1"), new byte[1 << 20]).WaitAsync(Patience);
            Shell.Run("/", $"cat {pool.PathOf(".thinfuse/events")}").MustFailWith("Too many users");
            pool.Events.Append(PoolEvent.Now(PoolEventKinds.VolumeCreated, "") with { Volume = "one" });
            foreach (EventReader reader in readers)
            {
                (await reader.NextAsync()).Should().Be("volume_created one");
            }
        }
        finally
        {
            Array.ForEach(readers, reader => reader.Dispose());
        }
    }

    [SkippableFact]
    public async Task Of_two_reads_of_one_open_file_only_one_waits()
    {
        using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Task<long>[] reads = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() => Read(file), TaskCreationOptions.LongRunning))];
        Task<long> refused = await Task.WhenAny(reads).WaitAsync(Patience);

        (await refused).Should().Be(-FuseErrno.EBUSY);
        reads.Count(read => read.IsCompleted).Should().Be(1);
        Tell("one");

        (await Task.WhenAll(reads).WaitAsync(Patience)).Should().ContainSingle(length => length > 0);
    }

    [SkippableFact]
    public void A_reader_that_does_not_want_to_wait_is_told_to_try_again()
    {
        using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Control(file, SetFlags, NonBlocking).Should().Be(0);
        Read(file).Should().Be(-FuseErrno.EAGAIN);

        Tell("one");

        Read(file).Should().BePositive();
        Read(file).Should().Be(-FuseErrno.EAGAIN);
    }

    [SkippableTheory]
    [InlineData(FuseTransportKind.Device)]
    [InlineData(FuseTransportKind.Automatic)]
    public async Task A_poll_waits_for_the_next_event(FuseTransportKind transport)
    {
        using MountedPool pool = new(transport);
        using SafeFileHandle file = File.OpenHandle(pool.PathOf(".thinfuse/events"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        for (int round = 0; round < 20; round++)
        {
            SystemCalls.PollForReading(file, 0).Should().Be(0, "nothing has happened");
            long before = PollsOf(pool);
            Task<long> poll = Task.Factory.StartNew(() => SystemCalls.PollForReading(file, (int)Patience.TotalMilliseconds), TaskCreationOptions.LongRunning);
            if (round % 2 == 0)
            {
                // The others poll while it happens.
                SpinWait.SpinUntil(() => PollsOf(pool) > before, Patience).Should().BeTrue();
            }

            pool.Events.Append(PoolEvent.Now(PoolEventKinds.VolumeCreated, "") with { Volume = "one" });
            (await poll.WaitAsync(Patience)).Should().Be(1);
            SystemCalls.PollForReading(file, 0).Should().Be(1);
            Read(file).Should().BePositive();
        }

        using SafeFileHandle other = File.OpenHandle(pool.PathOf(".thinfuse/pool/uuid"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        SystemCalls.PollForReading(other, 0).Should().Be(1, "what is no stream is always ready");
    }

    [SkippableFact]
    public async Task A_shell_reads_it_line_by_line()
    {
        // It reads byte by byte where it cannot seek, and so leaves the second line to the second command.
        Task<ShellResult> shell = Task.Run(() => Shell.Run("/", $"exec 3< {Path}; read -r a <&3; read -r b <&3; echo $a; echo $b"));
        WaitForReaders(1);
        Tell("one");
        Tell("two");

        string[] lines = (await shell.WaitAsync(Patience)).MustSucceed().Split('\n');

        lines.Should().HaveCount(2);
        lines[0].Should().Contain("\"volume\":\"one\"");
        lines[1].Should().Contain("\"volume\":\"two\"");
    }

    [SkippableFact]
    public void It_can_be_neither_written_nor_sought()
    {
        Shell.Run("/", $"echo 1 > {Path}").MustFailWith("Permission denied");
        using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        SystemCalls.Seek(file, 0, 0).Should().Be(-29, "ESPIPE");
    }

    [SkippableFact]
    public void A_connection_that_ends_takes_its_readers_along()
    {
        using EventReader reader = Reader();
        WaitUntilReading(reader.ProcessId);

        _pool.Dispose();

        reader.WaitForEnd().Should().NotBe(0);
    }

    private static long PollsOf(MountedPool pool) =>
        pool.Counters.ByOpcode().Where(row => row.Opcode == FuseOpcode.Poll).Sum(row => row.Requests);

    private EventReader Reader(int others = 0)
    {
        EventReader reader = new(Path);
        WaitForReaders(others + 1);
        return reader;
    }

    private void WaitForReaders(int count) =>
        SpinWait.SpinUntil(() => _pool.EventReaders == count, Patience).Should().BeTrue("{0} readers are open", count);

    /// <summary>Waits until a process waits in the kernel for an answer of this file system.</summary>
    private static void WaitUntilReading(int processId) => SpinWait.SpinUntil(
        () => File.ReadAllText($"/proc/{processId}/wchan").Contains("request_wait_answer", StringComparison.Ordinal), Patience).Should().BeTrue();

    private void Tell(string volume) => _pool.Events.Append(PoolEvent.Now(PoolEventKinds.VolumeCreated, volume) with { Volume = volume });

    private static long Read(SafeFileHandle file)
    {
        nint length = Read(file, new byte[4096], 4096);
        return length < 0 ? -Marshal.GetLastPInvokeError() : length;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, [Out] byte[] buffer, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
