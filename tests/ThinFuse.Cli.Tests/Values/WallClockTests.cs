using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ThinFuse.Cli.Tests.Values;

/// <summary>
/// The wall clock jumps: it is noted down and shown, but no wait, no deadline and no order comes from it. Durations are taken from
/// <see cref="Environment.TickCount64"/> and the like, which only go forward.
/// </summary>
public sealed partial class WallClockTests
{
    [Fact]
    public void Nothing_is_reckoned_from_the_time_of_day()
    {
        string sources = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "src");
        IEnumerable<string> files = Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal));

        files.SelectMany(file => File.ReadLines(file).Where(line => Reckoning().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}"))
            .Should().BeEmpty();
    }

    [Theory]
    [InlineData("DateTime end = DateTime.UtcNow.AddSeconds(5);", true)]
    [InlineData("if (DateTimeOffset.UtcNow >= end)", true)]
    [InlineData("TimeSpan age = DateTime.UtcNow - start;", true)]
    [InlineData("while (end > DateTime.UtcNow)", true)]
    [InlineData("long ticks = DateTime.UtcNow.Ticks - start;", true)]
    [InlineData("CreatedAtTicks = DateTime.UtcNow.Ticks,", false)]
    [InlineData("public static PoolEvent Now(string kind) => new(kind, DateTimeOffset.UtcNow);", false)]
    [InlineData("private static DateTimeOffset Now => DateTimeOffset.UtcNow;", false)]
    public void Reckoning_is_recognised(string line, bool isReckoning) => Reckoning().IsMatch(line).Should().Be(isReckoning);

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"UtcNow(\.Ticks)?\s*(\.Add|[-+<>])|(?<!=)[-+<>]=?\s*DateTime(Offset)?\.UtcNow|DateTime(Offset)?\.Now")]
    private static partial Regex Reckoning();
}
