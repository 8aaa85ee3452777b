using System.Diagnostics;
using System.Globalization;

namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>Collects samples and notes, and says on stderr what came in.</summary>
internal sealed class Recorder
{
    private readonly List<Sample> _samples = [];
    private readonly List<string> _notes = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>The round under way, from 1.</summary>
    public int Round { get; set; } = 1;

    /// <summary>How many measurements could not be finished.</summary>
    public int Failures { get; private set; }

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>What a reader of the table should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Takes a sample.</summary>
    public void Add(string workload, string metric, string unit, string subject, double value)
    {
        _samples.Add(new Sample(Round, workload, metric, unit, subject, value));
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_watch.Elapsed.TotalSeconds,6:0} s  {Round}  {workload,-28} {subject,-19} {metric,-16} {value,12:0.###} {unit}"));
    }

    /// <summary>Takes a note, once.</summary>
    public void Note(string text)
    {
        if (!_notes.Contains(text))
        {
            _notes.Add(text);
            Console.Error.WriteLine($"note: {text}");
        }
    }

    /// <summary>Notes what went wrong.</summary>
    public void Fail(string what, Exception cause)
    {
        Failures++;
        Note($"{what} failed: {cause.Message.ReplaceLineEndings(" ")}");
    }
}
