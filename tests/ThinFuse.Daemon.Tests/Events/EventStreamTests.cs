using System.Globalization;
using System.Text;
using System.Text.Json;
using ThinFuse.Daemon.Events;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Events;

public sealed class EventStreamTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly EventStream _stream = new(capacity: 4);

    [Fact]
    public void A_line_is_one_json_object_with_the_fields_that_apply()
    {
        DateTimeOffset at = new(2026, 11, 24, 10, 15, 0, 250, TimeSpan.Zero);
        EventCursor cursor = _stream.FromNow();
        _stream.Append(new PoolEvent(PoolEventKinds.LowWater, "two\nlines", at) { TotalBytes = 100, FreeBytes = 7 });

        StreamedEvent taken = cursor.Take()!;

        taken.Kind.Should().Be("low_water");
        Text(taken).Should().Be(
            """{"sequence":1,"time":"2026-11-24T10:15:00.250Z","kind":"low_water","message":"two\nlines","totalBytes":100,"freeBytes":7}""" + "\n");
    }

    [Fact]
    public void A_message_without_bounds_is_cut()
    {
        _stream.Append(PoolEvent.Now("any", new string('"', 1 << 20)));

        _stream.FromOldest().Take()!.Line.Length.Should().BeLessThan(16 << 10);
    }

    [Fact]
    public void Every_reader_gets_every_event_in_order()
    {
        EventCursor first = _stream.FromNow();
        Append(2);
        EventCursor second = _stream.FromNow();
        Append(2);

        Sequences(first).Should().Equal(1, 2, 3, 4);
        Sequences(second).Should().Equal(3, 4);
        Sequences(_stream.FromOldest()).Should().Equal(1, 2, 3, 4);
        Sequences(_stream.From(2)).Should().Equal(2, 3, 4);
        Append(1);
        Sequences(first).Should().Equal(5);
    }

    [Fact]
    public void Events_are_in_the_order_they_happened_in_whatever_the_clock_did()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        foreach (int days in (int[])[0, 400, -400])
        {
            _stream.Append(new PoolEvent("any", string.Create(CultureInfo.InvariantCulture, $"{days}"), now.AddDays(days)));
        }

        EventCursor cursor = _stream.FromOldest();
        string[] lines = [.. Enumerable.Range(0, 3).Select(_ => Text(cursor.Take()!))];
        lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()).Should().Equal("0", "400", "-400");
        Sequences(_stream.From(2)).Should().Equal(2, 3);
    }

    [Fact]
    public void A_slow_reader_loses_the_oldest_and_is_told_once_how_many()
    {
        EventCursor slow = _stream.FromNow();
        Append(1);
        Sequences(slow).Should().Equal(1);
        Append(4 + 3);

        Text(slow.Take()!).Should().Be("{\"kind\":\"events_lost\",\"count\":3}\n");
        slow.NewsAsync().IsCompleted.Should().BeTrue();
        Sequences(slow).Should().Equal(5, 6, 7, 8);
        slow.NewsAsync().IsCompleted.Should().BeFalse();
        Sequences(_stream.FromOldest()).Should().Equal([5, 6, 7, 8], "who comes late has lost nothing");
    }

    [Fact]
    public async Task A_reader_that_waits_is_woken_and_not_on_the_thread_that_tells()
    {
        EventCursor cursor = _stream.FromNow();
        Task news = cursor.NewsAsync();
        news.IsCompleted.Should().BeFalse();
        int teller = 0;
        Task<int> reader = news.ContinueWith(
            _ => Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Thread thread = new(() =>
        {
            teller = Environment.CurrentManagedThreadId;
            Append(1);
        });
        thread.Start();

        (await reader.WaitAsync(Patience)).Should().NotBe(teller);

        thread.Join();
        Sequences(cursor).Should().Equal(1);
    }

    [Fact]
    public async Task Readers_beside_writers_miss_nothing_that_they_are_not_told_of()
    {
        const int Writers = 4;
        const int Each = 5000;
        EventStream stream = new(capacity: 64);
        Task<long>[] readers = [.. Enumerable.Range(0, 3).Select(_ => stream.FromNow()).ToArray().Select(cursor => Task.Run(() => ReadAsync(cursor, Writers * Each)))];

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                stream.Append(PoolEvent.Now("any", ""));
            }
        })));

        (await Task.WhenAll(readers).WaitAsync(Patience)).Should().AllBeEquivalentTo((long)Writers * Each);
    }

    /// <summary>Reads up to an event; how many it got or was told to have lost.</summary>
    private static async Task<long> ReadAsync(EventCursor cursor, long last)
    {
        long count = 0;
        long at = 0;
        while (at < last)
        {
            await cursor.NewsAsync();
            StreamedEvent taken = cursor.Take()!;
            if (taken.Sequence == 0)
            {
                count += JsonDocument.Parse(taken.Line).RootElement.GetProperty("count").GetInt64();
                continue;
            }

            count++;
            taken.Sequence.Should().Be(count);
            at = taken.Sequence;
        }

        return count;
    }

    private void Append(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _stream.Append(PoolEvent.Now("any", i.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static List<long> Sequences(EventCursor cursor)
    {
        List<long> taken = [];
        while (cursor.Take() is { } happened)
        {
            taken.Add(happened.Sequence);
        }

        return taken;
    }

    private static string Text(StreamedEvent happened) => Encoding.UTF8.GetString(happened.Line.Span);
}
