using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Values;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>--by NAME</c>: who holds a snapshot.</summary>
internal static class HolderOption
{
    public static Option<string> Create() => new("--by")
    {
        Description = "Who holds it, or what for: a name like one of a volume.",
        HelpName = "NAME",
        Required = true,
        CustomParser = Input.Parse<string>(Parse),
    };

    private static bool Parse(string text, out string value, out string problem)
    {
        value = text;
        return VolumeName.TryCheckPart(text, out problem);
    }
}
