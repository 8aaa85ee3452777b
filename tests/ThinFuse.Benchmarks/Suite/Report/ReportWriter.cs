using System.Globalization;
using System.Text.Json;

namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Writes bench.md and bench.json.</summary>
internal static class ReportWriter
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Writes both; returns the text of the first.</summary>
    public static string Write(SuiteOptions options, Machine machine, Recorder recorder, bool isComplete)
    {
        Results results = new(recorder.Samples);
        IReadOnlyList<TargetOutcome> targets = Targets.Judge(results);
        string table = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            # ThinFuse measured

            Linux {machine.Kernel}, {machine.Cores} cores, {machine.MemoryBytes >> 20} MiB, on {machine.Filesystem}; {options.SizeBytes >> 20} MiB volumes, {options.RuntimeSeconds} s a measurement, {(isComplete ? "" : "interrupted in round ")}{(isComplete ? $"medians of {options.Rounds} rounds" : recorder.Round)}.
            In brackets: ratio to the raw file, then to the bare transport.

            {MarkdownTable.Render(results)}

            """);
        if (targets.Count != 0)
        {
            table += MarkdownTable.Render(targets);
        }

        table += string.Concat(recorder.Notes.Select(note => $"\n- {note}")) + "\n";
        Directory.CreateDirectory(options.OutputDirectory);
        File.WriteAllText(Path.Combine(options.OutputDirectory, "bench.md"), table);
        object report = new
        {
            machine,
            sizeBytes = options.SizeBytes,
            runtimeSeconds = options.RuntimeSeconds,
            rounds = options.Rounds,
            isComplete,
            notes = recorder.Notes,
            targets,
            samples = recorder.Samples,
        };
        File.WriteAllText(Path.Combine(options.OutputDirectory, "bench.json"), JsonSerializer.Serialize(report, Json));
        return table;
    }
}
