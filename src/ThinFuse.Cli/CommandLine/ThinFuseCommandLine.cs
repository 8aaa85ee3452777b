using System.CommandLine;
using System.CommandLine.Invocation;
using ThinFuse.Cli.Clone;
using ThinFuse.Cli.Completion;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Events;
using ThinFuse.Cli.Jobs;
using ThinFuse.Cli.Loop;
using ThinFuse.Cli.Mount;
using ThinFuse.Cli.Pool;
using ThinFuse.Cli.Snapshot;
using ThinFuse.Cli.Transfer;
using ThinFuse.Cli.Volume;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.CommandLine;

/// <summary>The whole command line: all commands, and how a line is parsed and carried out.</summary>
internal static class ThinFuseCommandLine
{
    private const string JsonName = "--json";

    // '@' stands between a volume and its snapshot; it must never mean "read arguments from a file".
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Builds the tree of commands.</summary>
    public static RootCommand Build(CliServices services) => new("Thin volumes with copy-on-write snapshots, as files in a mount.")
    {
        new Option<bool>(JsonName) { Description = "Print results, and errors, as JSON.", Recursive = true, Arity = ArgumentArity.Zero },
        new Command("pool", "Create pools, look at them, make them larger.")
        {
            new PoolCreateCommand(services),
            new PoolStatusCommand(services),
            new PoolGrowCommand(services),
            new PoolSetCommand(services),
            new PoolCheckCommand(services),
            new PoolDumpCommand(services),
            new PoolRestoreCommand(services),
            new PoolRepairCommand(services),
            new PoolWhereIsCommand(services),
        },
        new MountCommand(services),
        new UnmountCommand(services),
        new UpgradeCommand(services),
        new Command("volume", "Create, change and list volumes.")
        {
            new VolumeCreateCommand(services),
            new VolumeDeleteCommand(services),
            new VolumeResizeCommand(services),
            new VolumeRenameCommand(services),
            new VolumeSetCommand(services),
            new VolumeProvisionCommand(services),
            new VolumeFlattenCommand(services),
            new VolumeHydrateCommand(services),
            new VolumeListCommand(services),
        },
        new Command("snapshot", "Take, delete, list and compare snapshots.")
        {
            new SnapshotCreateCommand(services),
            new SnapshotDeleteCommand(services),
            new SnapshotRollbackCommand(services),
            new SnapshotPruneCommand(services),
            new SnapshotHoldCommand(services),
            new SnapshotReleaseCommand(services),
            new SnapshotListCommand(services),
            new SnapshotTreeCommand(services),
            new SnapshotDiffCommand(services),
        },
        new CloneCommand(services),
        new SendCommand(services),
        new ReceiveCommand(services),
        new AttachCommand(services),
        new DetachCommand(services),
        new JobsCommand(services),
        new EventsCommand(services),
        new CompletionCommand(services),
    };

    /// <summary>Parses a command line and carries it out.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CliServices services, string[] args, TextWriter stdout, TextWriter stderr)
    {
        ParseResult parse = Build(services).Parse(args, Parsing);
        if (parse.Action is ParseErrorAction or null)
        {
            return new ErrorReporter(stderr, IsJson(parse)).Report(UsageError(parse));
        }

        return await parse.InvokeAsync(new InvocationConfiguration
        {
            Output = stdout,
            Error = stderr,
            EnableDefaultExceptionHandler = false,

            // Ctrl-C asks; how long an orderly end takes is the command's own business.
            ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
        }).ConfigureAwait(false);
    }

    /// <summary>Whether --json was given, also on a line that has errors.</summary>
    public static bool IsJson(ParseResult parse) =>
        parse.GetResult(JsonName) is { } result && !((System.CommandLine.Parsing.OptionResult)result).Implicit;

    private static ControlError UsageError(ParseResult parse)
    {
        string path = CommandPath(parse.CommandResult);
        string what = parse.UnmatchedTokens.Count > 0 ? $"'{parse.UnmatchedTokens[0]}' is not known here"
            : parse.Errors.Count > 0 ? parse.Errors[0].Message
            : "a command is missing";
        return new ControlError(ControlErrorKind.Usage, $"{what.TrimEnd('.')}; see '{path} --help'");
    }

    private static string CommandPath(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{CommandPath(parent)} {command.Command.Name}" : "thinfuse";
}
