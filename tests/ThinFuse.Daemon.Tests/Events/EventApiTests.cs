using System.Text.Json;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Events;

[Collection(MountCollection.Name)]
public sealed class EventApiTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ServedPool _pool = new(poolBytes: 4 << 20);

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public async Task Recent_events_are_those_of_files_and_api_alike()
    {
        _pool.Sh("truncate -s 1M a; mv a b; truncate -s 2M b; rm b").MustSucceed();
        await _pool.Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", 8 << 20));
        await _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "monday"));
        await _pool.Control.CreateClonesAsync(new CloneCreateRequest("vm1@monday", "c", 3));
        _pool.Sh("dd if=/dev/zero of=vm1 bs=1M conv=notrunc oflag=direct").MustFailWith("No space left");

        List<EventResponse> events = await Recent();

        events.Select(happened => happened.Sequence).Should().Equal(Enumerable.Range(1, events.Count).Select(sequence => (long?)sequence));
        events.Should().OnlyContain(happened => happened.Time > DateTimeOffset.UtcNow.AddMinutes(-5) && happened.Time <= DateTimeOffset.UtcNow);
        events.Select(happened => (happened.Kind, happened.Volume)).Should().Equal(
            ("volume_created", "a"), ("volume_resized", "a"), ("volume_renamed", "b"), ("volume_resized", "b"), ("volume_deleted", "b"),
            ("volume_created", "vm1"), ("snapshot_created", "vm1@monday"), ("volume_cloned", "c-0001"), ("out_of_space", null));
        events[2].PreviousName.Should().Be("a");
        events[3].PreviousSizeBytes.Should().Be(1 << 20);
        events[7].Count.Should().Be(3);
    }

    [SkippableFact]
    public async Task A_follower_gets_the_recent_ones_then_the_new_ones_and_ends_with_the_mount()
    {
        _pool.Sh("truncate -s 1M a").MustSucceed();
        await using IAsyncEnumerator<string> events = _pool.Control.ReadEventsAsync(follow: true).GetAsyncEnumerator();
        (await Next(events)).Should().Be("volume_created");
        (await Next(events)).Should().Be("volume_resized");

        _pool.Sh("rm a").MustSucceed();

        (await Next(events)).Should().Be("volume_deleted");
        await _pool.Control.StopDaemonAsync(new DaemonStopRequest());
        (await Next(events)).Should().BeNull();
        _pool.WaitForEnd();
    }

    [SkippableFact]
    public async Task A_follower_who_goes_away_is_forgotten_and_one_who_reads_nothing_holds_up_nobody()
    {
        using CancellationTokenSource gone = new();
        await using IAsyncEnumerator<string> idle = _pool.Control.ReadEventsAsync(follow: true).GetAsyncEnumerator();
        await using IAsyncEnumerator<string> leaving = _pool.Control.ReadEventsAsync(follow: true, gone.Token).GetAsyncEnumerator();
        _pool.Sh("truncate -s 1M a").MustSucceed();
        await Next(idle);
        await Next(leaving);
        gone.Cancel();
        Func<Task> rest = async () =>
        {
            while (await leaving.MoveNextAsync())
            {
                // What had come already.
            }
        };
        await rest.Should().ThrowAsync<OperationCanceledException>();

        _pool.Sh("mv a b; rm b").MustSucceed();
        _pool.Stop();

        _pool.Log.Lines.Should().NotContain(line => line.Level > Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [SkippableFact]
    public async Task Curl_reads_lines_and_nonsense_is_refused()
    {
        _pool.Sh("truncate -s 1M a").MustSucceed();
        string socket = Path.Combine(_pool.PoolDirectory, ControlSocket.FileName);

        string[] answer = Shell.Run("/", $"curl -sS -i --unix-socket {socket} http://localhost/v1/events").MustSucceed().Split('\n');

        answer.Should().Contain(line => line.StartsWith("Content-Type: application/x-ndjson", StringComparison.Ordinal));
        answer[^2].Should().StartWith("{\"sequence\":1,\"time\":\"").And.EndWith("\"kind\":\"volume_created\",\"message\":\"a\",\"volume\":\"a\",\"sizeBytes\":0}");
        Shell.Run("/", $"curl -sS --unix-socket {socket} http://localhost/v1/events?follow=maybe").MustSucceed().Should().StartWith("{\"kind\":\"usage\"");
        _pool.Stop();
        Func<Task> unreachable = () => Recent();
        (await unreachable.Should().ThrowAsync<ControlException>()).Which.Kind.Should().Be(ControlErrorKind.NotFound);
    }

    private async Task<List<EventResponse>> Recent()
    {
        List<EventResponse> events = [];
        await foreach (string line in _pool.Control.ReadEventsAsync(follow: false))
        {
            events.Add(Parse(line));
        }

        return events;
    }

    private static async Task<string?> Next(IAsyncEnumerator<string> events) =>
        await events.MoveNextAsync().AsTask().WaitAsync(Patience) ? Parse(events.Current).Kind : null;

    private static EventResponse Parse(string line) => JsonSerializer.Deserialize(line, ControlJsonContext.Default.EventResponse)!;
}
