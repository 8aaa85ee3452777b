using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Snapshot.Pruning;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot prune</c>.</summary>
internal sealed class SnapshotPruneCommand : CliCommand
{
    private const int MostKept = 100_000;

    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");
    private readonly Option<int?> _last = Keep("--keep-last", "Keep the N newest.");
    private readonly Option<int?> _hourly = Keep("--keep-hourly", "Keep the newest of each of the last N hours that have one.");
    private readonly Option<int?> _daily = Keep("--keep-daily", "Keep the newest of each of the last N days that have one.");
    private readonly Option<int?> _weekly = Keep("--keep-weekly", "Keep the newest of each of the last N weeks that have one.");
    private readonly Option<int?> _monthly = Keep("--keep-monthly", "Keep the newest of each of the last N months that have one.");
    private readonly Option<bool> _dryRun = Input.Flag("--dry-run", "Only show what would be deleted.");

    public SnapshotPruneCommand(CliServices services)
        : base(services, "prune", "Delete the snapshots of a volume that no rule keeps; held and writable ones stay.")
    {
        Add(_volume);
        foreach (Option<int?> rule in Rules)
        {
            Add(rule);
        }

        Add(_dryRun);
        Validators.Add(AtLeastOneRule);
    }

    private Option<int?>[] Rules => [_last, _hourly, _daily, _weekly, _monthly];

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        using ControlClient client = ClientOf(path);
        IReadOnlyList<PruneDecision> plan = PrunePlan.Make(await CandidatesAsync(client, path, cancel).ConfigureAwait(false), PolicyOf(parse));
        List<PruneDecision> kept = [.. plan.Where(decision => decision.IsKept)];
        List<string> deleted = [];
        bool isDryRun = parse.GetValue(_dryRun);
        foreach (PruneDecision decision in plan.Where(decision => !decision.IsKept))
        {
            if (isDryRun || await TryDeleteAsync(client, decision.Name, output, cancel).ConfigureAwait(false))
            {
                deleted.Add(decision.Name);
            }
            else
            {
                kept.Add(decision with { Reasons = ["held meanwhile"] });
            }
        }

        output.Show(new PruneResult(path.Name.ToString(), isDryRun, kept, deleted), CliJsonContext.Default.PruneResult, result => Show(result, output));
        return 0;
    }

    private static async Task<IEnumerable<PruneCandidate>> CandidatesAsync(ControlClient client, VolumePath path, CancellationToken cancel)
    {
        string prefix = path.Name + "@";
        IReadOnlyList<VolumeResponse> all = await client.ListVolumesAsync(cancel).ConfigureAwait(false);
        VolumeResponse[] snapshots = [.. all.Where(volume => volume.Name.StartsWith(prefix, StringComparison.Ordinal))];
        return snapshots.Length == 0 && all.All(volume => volume.Name != path.Name.ToString())
            ? throw new CommandFailure(ControlErrorKind.NotFound, $"there is no volume {path.Name}, and no snapshot of one")
            : snapshots.Select(snapshot => new PruneCandidate(snapshot.Name, snapshot.CreatedAt, snapshot.Holds, snapshot.Id, !snapshot.ReadOnly));
    }

    /// <summary>Deletes; false when somebody holds it by now. One that is gone already is as deleted as any.</summary>
    private static async Task<bool> TryDeleteAsync(ControlClient client, string name, CommandOutput output, CancellationToken cancel)
    {
        try
        {
            await client.DeleteVolumeAsync(name, cancel).ConfigureAwait(false);
            return true;
        }
        catch (ControlException refusal) when (refusal.Kind == ControlErrorKind.Busy)
        {
            output.Warn(refusal.Message);
            return false;
        }
        catch (ControlException refusal) when (refusal.Kind == ControlErrorKind.NotFound)
        {
            output.Note($"{name} was gone already");
            return true;
        }
    }

    private static void Show(PruneResult result, CommandOutput output)
    {
        foreach (PruneDecision kept in result.Kept)
        {
            output.Line($"{(result.DryRun ? "would keep" : "kept")} {kept.Name} ({string.Join(", ", kept.Reasons)})");
        }

        foreach (string name in result.Deleted)
        {
            output.Line($"{(result.DryRun ? "would delete" : "deleted")} {name}");
        }

        if (result.Kept.Count + result.Deleted.Count == 0)
        {
            output.Line($"{result.Volume} has no snapshots");
        }
    }

    private static Option<int?> Keep(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = Input.Parse<int?>(ParseCount),
    };

    private static bool ParseCount(string text, out int? value, out string problem)
    {
        bool isCount = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MostKept;
        value = count;
        problem = isCount ? "" : $"'{text}' is not how many to keep; give 1 to {MostKept}";
        return isCount;
    }

    private KeepPolicy PolicyOf(ParseResult parse)
    {
        int[] counts = [.. Rules.Select(rule => parse.GetValue(rule) ?? 0)];
        return new KeepPolicy(counts[0], counts[1], counts[2], counts[3], counts[4]);
    }

    private void AtLeastOneRule(CommandResult result)
    {
        if (Rules.All(rule => result.GetResult(rule) is null))
        {
            result.AddError("say what to keep by at least one of --keep-last, --keep-hourly, --keep-daily, --keep-weekly and --keep-monthly");
        }
    }
}
