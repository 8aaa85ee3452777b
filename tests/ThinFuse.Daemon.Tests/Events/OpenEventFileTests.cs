using System.Text;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Events.Files;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Events;

public sealed class OpenEventFileTests
{
    private readonly EventStream _stream = new(capacity: 8);
    private readonly OpenEventFile _file;
    private readonly EventCursor _expected;

    public OpenEventFileTests()
    {
        _file = new OpenEventFile(_stream.FromNow());
        _expected = _stream.FromNow();
    }

    [Fact]
    public void A_large_buffer_gets_all_lines_and_then_nothing()
    {
        string lines = Append("one", "two", "three");

        Take(4096).Should().Be(lines);
        Take(4096).Should().BeEmpty();
    }

    [Fact]
    public void A_buffer_that_holds_some_lines_gets_whole_ones()
    {
        string first = Append("one");
        string second = Append("two");

        Take(first.Length + second.Length - 1).Should().Be(first);
        Take(4096).Should().Be(second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void A_line_that_does_not_fit_comes_in_parts(int bufferBytes)
    {
        string lines = Append("one", "two", new string('x', 1000));
        StringBuilder read = new();
        for (string part; (part = Take(bufferBytes)).Length > 0;)
        {
            part.Length.Should().BeLessThanOrEqualTo(bufferBytes);
            read.Append(part);
            _file.NewsAsync().IsCompleted.Should().Be(read.Length < lines.Length, "the rest of a line is news too");
        }

        read.ToString().Should().Be(lines);
    }

    private string Append(params string[] messages)
    {
        StringBuilder lines = new();
        foreach (string message in messages)
        {
            _stream.Append(PoolEvent.Now("any", message));
            lines.Append(Encoding.UTF8.GetString(_expected.Take()!.Line.Span));
        }

        return lines.ToString();
    }

    private string Take(int bufferBytes)
    {
        byte[] buffer = new byte[bufferBytes];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, _file.Take(buffer)));
    }
}
