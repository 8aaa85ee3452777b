using System.CommandLine;
using System.CommandLine.Parsing;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.Completion;

namespace ThinFuse.Cli.CommandLine;

/// <summary>The arguments and options that commands share, each with its strict parser and its completions.</summary>
internal static class Input
{
    /// <summary>Reads one value: what it is, or why it is none.</summary>
    public delegate bool Parser<T>(string text, out T value, out string problem);

    /// <summary>A pool directory, a mount point, or another path; not looked at before the command runs.</summary>
    public static Argument<string> Path(string name, string description)
    {
        Argument<string> argument = new(name) { Description = description, HelpName = name, CustomParser = Parse<string>(NonEmpty) };
        argument.CompletionSources.Add(PathCompletions.Suggest);
        return argument;
    }

    /// <summary>An option whose value is a path.</summary>
    public static Option<string> PathOption(string name, string description)
    {
        Option<string> option = new(name) { Description = description, HelpName = "PATH", CustomParser = Parse<string>(NonEmpty) };
        option.CompletionSources.Add(PathCompletions.Suggest);
        return option;
    }

    /// <summary>A volume's file, MNT/vm1.</summary>
    public static Argument<VolumePath> Volume(string name, string description) => VolumePath(name, description, OnlyVolumes);

    /// <summary>A snapshot's file, MNT/vm1@monday.</summary>
    public static Argument<VolumePath> Snapshot(string name, string description) => VolumePath(name, description, OnlySnapshots);

    /// <summary>The file of either.</summary>
    public static Argument<VolumePath> VolumeOrSnapshot(string name, string description) => VolumePath(name, description, Either);

    /// <summary>One or more files of volumes or snapshots.</summary>
    public static Argument<VolumePath[]> VolumesOrSnapshots(string name, string description)
    {
        Argument<VolumePath[]> argument = new(name)
        {
            Description = description,
            HelpName = name,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result =>
                [.. result.Tokens.Select(token => ParseToken<VolumePath>(result, token, Either)).OfType<VolumePath>()],
        };
        argument.CompletionSources.Add(PathCompletions.Suggest);
        return argument;
    }

    /// <summary>A snapshot's file as an option.</summary>
    public static Option<VolumePath?> SnapshotOption(string name, string description)
    {
        Option<VolumePath?> option = new(name) { Description = description, HelpName = "SNAPSHOT", CustomParser = Parse<VolumePath>(OnlySnapshots) };
        option.CompletionSources.Add(PathCompletions.Suggest);
        return option;
    }

    /// <summary>A size in bytes.</summary>
    public static Option<long?> Size(string name, string description, bool isRequired = false) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        Required = isRequired,
        CustomParser = Parse<long?>(NullableSize),
    };

    /// <summary>How fast a job may copy; 0 for no limit.</summary>
    public static Option<long?> Rate(string description) => new("--rate")
    {
        Description = $"{description}; {Values.Rate.NoLimit} for no limit.",
        HelpName = "SIZE",
        CustomParser = Parse<long?>(NullableRate),
    };

    /// <summary>A switch: given or not, without a value.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A parser that knows these words alone.</summary>
    /// <param name="other">What any other word is said to be, such as no policy.</param>
    /// <param name="words">The words, and what each stands for.</param>
    public static Func<ArgumentResult, T?> Words<T>(string other, params (string Word, T Value)[] words) => Parse((string text, out T value, out string problem) =>
    {
        int found = Array.FindIndex(words, known => known.Word == text);
        value = found < 0 ? default! : words[found].Value;
        problem = found < 0 ? $"'{text}' is {other}; give {string.Join(" or ", words.Select(known => known.Word))}" : "";
        return found >= 0;
    });

    /// <summary>Turns a strict parser into one for the command line, where problems become usage errors.</summary>
    public static Func<ArgumentResult, T?> Parse<T>(Parser<T> parser) => result => ParseToken(result, result.Tokens[0], parser);

    private static T? ParseToken<T>(ArgumentResult result, Token token, Parser<T> parser)
    {
        if (parser(token.Value, out T value, out string problem))
        {
            return value;
        }

        result.AddError(problem);
        return default;
    }

    private static Argument<VolumePath> VolumePath(string name, string description, Parser<VolumePath> parser)
    {
        Argument<VolumePath> argument = new(name) { Description = description, HelpName = name, CustomParser = Parse(parser) };
        argument.CompletionSources.Add(PathCompletions.Suggest);
        return argument;
    }

    private static bool NullableSize(string text, out long? value, out string problem)
    {
        bool isSize = Values.Size.TryParse(text, out long bytes, out problem);
        value = bytes;
        return isSize;
    }

    private static bool NullableRate(string text, out long? value, out string problem)
    {
        bool isRate = Values.Rate.TryParse(text, out long bytes, out problem);
        value = bytes;
        return isRate;
    }

    private static bool NonEmpty(string text, out string value, out string problem)
    {
        value = text;
        problem = text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal) ? "" : "a path is empty";
        return problem.Length == 0;
    }

    private static bool Either(string text, out VolumePath value, out string problem)
    {
        bool isPath = Addressing.VolumePath.TryParse(text, out VolumePath? path, out problem);
        value = path!;
        return isPath;
    }

    private static bool OnlyVolumes(string text, out VolumePath value, out string problem)
    {
        if (Either(text, out value, out problem) && value.Name.IsSnapshot)
        {
            problem = $"'{value.Name}' is a snapshot, and this needs a volume";
        }

        return problem.Length == 0;
    }

    private static bool OnlySnapshots(string text, out VolumePath value, out string problem)
    {
        if (Either(text, out value, out problem) && !value.Name.IsSnapshot)
        {
            problem = $"'{value.Name}' is a volume, and this needs a snapshot, MNT/VOLUME@NAME";
        }

        return problem.Length == 0;
    }
}
