using System.Globalization;
using System.Text;
using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Tables in Markdown.</summary>
internal static class MarkdownTable
{
    private const string Raw = "raw";

    /// <summary>A row for each thing measured, a column for each subject.</summary>
    public static string Render(Results results)
    {
        string[] subjects = [.. SubjectCatalog.Names.Where(results.Subjects.Contains)];
        List<string[]> rows = [["work", "unit", .. subjects]];
        foreach ((string workload, string metric, string unit) in results.Rows)
        {
            string title = metric == "rate" ? workload : $"{workload}: {metric}";
            rows.Add([title, unit, .. subjects.Select(subject => Cell(results, workload, metric, subject))]);
        }

        return Render(rows);
    }

    /// <summary>A row for each target.</summary>
    public static string Render(IReadOnlyList<TargetOutcome> targets) => Render(
        [["target", "wanted", "measured", "verdict"], .. targets.Select(target => new[]
        {
            target.Title,
            $"{(target.IsUpperBound ? "at most" : "at least")} {Number(target.Wanted)}{target.Unit}",
            $"{Number(target.Measured)}{target.Unit}",
            target.IsMet ? "met" : "**short**",
        })]);

    private static string Render(IReadOnlyList<string[]> rows)
    {
        StringBuilder text = new();
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append('|').AppendJoin('|', rows[i].Select((cell, column) => $" {cell.PadRight(widths[column])} ")).Append("|\n");
            if (i == 0)
            {
                text.Append('|').AppendJoin('|', widths.Select((width, column) => $" {new string('-', width)} ")).Append("|\n");
            }
        }

        return text.ToString();
    }

    private static string Cell(Results results, string workload, string metric, string subject)
    {
        if (results.Median(workload, metric, subject) is not { } value)
        {
            return "-";
        }

        string[] ratios =
        [
            .. new[] { Raw, BareOf(subject) }.OfType<string>()
                .Where(other => other != subject)
                .Select(other => results.Median(workload, metric, other))
                .OfType<double>()
                .Where(other => other > 0)
                .Select(other => (value / other).ToString("0.00", CultureInfo.InvariantCulture)),
        ];
        return ratios.Length == 0 ? Number(value) : $"{Number(value)} ({string.Join(", ", ratios)})";
    }

    /// <summary>The bare transport that a subject uses; null when it uses none of ours.</summary>
    private static string? BareOf(string subject) =>
        subject.StartsWith("thinfuse-", StringComparison.Ordinal)
            ? "bare-" + subject["thinfuse-".Length..].Replace(ThinFuseSubject.WrittenSuffix, "", StringComparison.Ordinal)
            : null;

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
