using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using ThinFuse.Benchmarks.CommandLine;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite;

/// <summary><c>suite</c>: everything side by side, and the table.</summary>
internal sealed class SuiteCommand : BenchmarkCommand
{
    private const long SmallestBytes = 64 << 20;

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often everything is measured; the table shows medians.",
        DefaultValueFactory = _ => 3,
    };
    private readonly Option<long> _size = new("--size")
    {
        Description = "Size of the volumes; default: 4G, or less where the disk has no room for all that is compared.",
        CustomParser = ByteSize.Parse,
    };
    private readonly Option<double> _runtime = new("--runtime")
    {
        Description = "Seconds of each measurement that goes by time.",
        DefaultValueFactory = _ => 1.5,
    };
    private readonly Option<Regex?> _only = new("--only")
    {
        Description = "Measure only what this regular expression matches, such as '4k' or '^snapshot'.",
        CustomParser = ParseRegex,
    };
    private readonly Option<string[]> _subjects = new("--subjects")
    {
        Description = $"What to compare, separated by commas: {string.Join(", ", SubjectCatalog.Names)}.",
        DefaultValueFactory = _ => [.. SubjectCatalog.Names],
        CustomParser = ParseSubjects,
    };
    private readonly Option<string> _program = new("--thinfuse") { Description = "The thinfuse program.", Required = true };
    private readonly Option<string> _out = new("--out") { Description = "Where bench.md and bench.json go.", Required = true };
    private readonly Option<string?> _work = new("--work")
    {
        Description = "Where files and mounts are while it runs: a new directory on the filesystem to measure; default: in the output directory.",
    };

    public SuiteCommand()
        : base("suite", "Measure ThinFuse beside what else there is.")
    {
        foreach (Option option in (Option[])[_rounds, _size, _runtime, _only, _subjects, _program, _out, _work])
        {
            Add(option);
        }
    }

    protected override int Run(ParseResult parse, CancellationToken cancel)
    {
        string output = Path.GetFullPath(parse.GetRequiredValue(_out));
        SuiteOptions options = new(
            Math.Max(1, parse.GetValue(_rounds)),
            parse.GetValue(_size),
            Math.Max(0.1, parse.GetValue(_runtime)),
            parse.GetValue(_only),
            parse.GetRequiredValue(_subjects),
            Path.GetFullPath(parse.GetRequiredValue(_program)),
            Path.GetFullPath(parse.GetValue(_work) ?? Path.Combine(output, $"work-{Environment.ProcessId}")),
            output);
        Recorder recorder = new();
        Machine machine = Machine.Look(Path.GetDirectoryName(options.WorkDirectory)!);
        long sizeBytes = options.SizeBytes == 0
            ? VolumeSize.ThatFits(new SuiteContext(options, cancel), machine.FreeBytes)
            : Math.Max(SmallestBytes, options.SizeBytes);
        options = options with { SizeBytes = sizeBytes };
        SuiteContext context = new(options, cancel);
        bool isComplete = false;
        try
        {
            using WorkDirectory work = new(options.WorkDirectory);
            new SuiteRun(context, recorder).Run();
            isComplete = true;
        }
        finally
        {
            // What was measured before an interruption is worth having too.
            if (recorder.Samples.Count != 0)
            {
                Console.Write(ReportWriter.Write(options, machine, recorder, isComplete));
            }
        }

        return recorder.Failures == 0 ? 0 : 1;
    }

    private static Regex? ParseRegex(ArgumentResult result)
    {
        try
        {
            return new Regex(result.Tokens.Single().Value);
        }
        catch (RegexParseException e)
        {
            result.AddError(e.Message);
            return null;
        }
    }

    private static string[] ParseSubjects(ArgumentResult result)
    {
        string[] names = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (names.FirstOrDefault(name => !SubjectCatalog.Names.Contains(name)) is { } unknown)
        {
            result.AddError($"'{unknown}' is nothing that can be compared; there are {string.Join(", ", SubjectCatalog.Names)}");
        }

        return names;
    }
}
