using Microsoft.Win32.SafeHandles;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Events;

[Collection(MountCollection.Name)]
public sealed class ReadersAtUnmountTests : IDisposable
{
    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_ends_readers_in_order(bool lazy)
    {
        using EventReader reader = await ReaderAsync();

        await _pool.Control.StopDaemonAsync(new DaemonStopRequest(lazy));

        _pool.WaitForEnd();
        reader.WaitForEnd().Should().Be(0, "cat saw the end of the file");
        NothingIsLeft();
    }

    [SkippableFact]
    public async Task A_termination_ends_readers_in_order()
    {
        using EventReader reader = await ReaderAsync();

        _pool.Stop();

        reader.WaitForEnd().Should().Be(0);
        _pool.Log.Lines.Should().NotContain(line => line.Text.Contains("get errors", StringComparison.Ordinal));
        NothingIsLeft();
    }

    [SkippableFact]
    public async Task Who_keeps_it_open_is_named_and_can_be_left_behind()
    {
        using (SafeFileHandle kept = File.OpenHandle(EventsPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            Func<Task> stop = () => _pool.Control.StopDaemonAsync(new DaemonStopRequest());
            ControlException refusal = (await stop.Should().ThrowAsync<ControlException>()).Which;
            refusal.Kind.Should().Be(ControlErrorKind.Busy);
            refusal.Message.Should().Contain(EventsPath);
            _pool.Sh("truncate -s 1M still-served").MustSucceed();

            await _pool.Control.StopDaemonAsync(new DaemonStopRequest(Lazy: true));
        }

        _pool.WaitForEnd();
        NothingIsLeft();
    }

    [SkippableFact]
    public async Task A_refused_stop_leaves_new_readers_a_working_stream()
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();
        using FileStream busy = new(_pool["vm1"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using EventReader reader = await ReaderAsync();
        Func<Task> stop = () => _pool.Control.StopDaemonAsync(new DaemonStopRequest());
        await stop.Should().ThrowAsync<ControlException>();

        _pool.Sh("rm vm1").MustSucceed();

        (await reader.NextAsync()).Should().Be("volume_deleted vm1");
    }

    private string EventsPath => _pool[".thinfuse/events"];

    /// <summary>A reader that has read a line, and so waits for the next or is about to.</summary>
    private async Task<EventReader> ReaderAsync()
    {
        EventReader reader = new(EventsPath);
        for (int i = 0; ; i++)
        {
            // It may open after the first of them.
            _pool.Sh($"touch v{i}").MustSucceed();
            if (Shell.Run("/", $"ls -l /proc/{reader.ProcessId}/fd").Output.Contains(EventsPath, StringComparison.Ordinal))
            {
                break;
            }
        }

        _pool.Sh("touch last").MustSucceed();
        while (await reader.NextAsync() != "volume_created last")
        {
            // What came before.
        }

        return reader;
    }

    private void NothingIsLeft() => Shell.Run("/", $"mountpoint -q {_pool.Mount}").ExitCode.Should().NotBe(0);
}
