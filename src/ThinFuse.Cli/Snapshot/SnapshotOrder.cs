using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>--sort</c>: the order of a list of snapshots.</summary>
internal static class SnapshotOrder
{
    private static readonly string[] Orders = ["name", "age", "size", "exclusive"];

    public static Option<string?> CreateOption()
    {
        Option<string?> option = new("--sort")
        {
            Description = "name (default), age (oldest first), size or exclusive (largest first).",
            HelpName = "ORDER",
            CustomParser = Input.Parse<string?>(Parse),
        };
        option.CompletionSources.Add(Orders);
        return option;
    }

    /// <summary>Sorts; those that are alike by name.</summary>
    public static IReadOnlyList<VolumeResponse> Sort(IEnumerable<VolumeResponse> snapshots, string? order)
    {
        IEnumerable<VolumeResponse> byName = snapshots.OrderBy(snapshot => snapshot.Name, StringComparer.Ordinal);
        return order switch
        {
            "age" => [.. byName.OrderBy(snapshot => snapshot.CreatedAt)],
            "size" => [.. byName.OrderByDescending(snapshot => snapshot.SizeBytes)],
            "exclusive" => [.. byName.OrderByDescending(snapshot => snapshot.ExclusiveBytes)],
            _ => [.. byName],
        };
    }

    private static bool Parse(string text, out string? value, out string problem)
    {
        value = text;
        problem = Orders.Contains(text) ? "" : $"'{text}' is no order; give {string.Join(", ", Orders[..^1])} or {Orders[^1]}";
        return problem.Length == 0;
    }
}
