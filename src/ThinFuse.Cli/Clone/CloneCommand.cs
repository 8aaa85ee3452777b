using System.CommandLine;
using System.Globalization;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Clone;

/// <summary><c>thinfuse clone</c>.</summary>
internal sealed class CloneCommand : CliCommand
{
    private readonly Argument<VolumePath> _source = Input.VolumeOrSnapshot(
        "SOURCE", "A snapshot's or volume's file, MNT/VOLUME@NAME or MNT/VOLUME.");
    private readonly Argument<VolumePath> _target = Input.Volume("TARGET", "The new volume's file, MNT/NAME.");
    private readonly Option<int?> _count = new("--count")
    {
        Description = "Make so many clones at once, all or none: TARGET-0001, TARGET-0002 and so on.",
        HelpName = "N",
        CustomParser = Input.Parse<int?>(ParseCount),
    };

    public CloneCommand(CliServices services)
        : base(services, "clone", "Make a writable volume out of a snapshot or volume, without copying.")
    {
        Add(_source);
        Add(_target);
        Add(_count);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath source = parse.GetRequiredValue(_source);
        VolumePath target = parse.GetRequiredValue(_target);
        MountedPool pool = Services.Locator.FromVolume(source);
        if (Services.Locator.FromVolume(target).PoolDirectory != pool.PoolDirectory)
        {
            throw new CommandFailure(
                ControlErrorKind.Usage,
                $"{target.FullPath} is in another pool; a clone shares its source's blocks and so stays in its pool");
        }

        using ControlClient client = new(pool.PoolDirectory);
        int? count = parse.GetValue(_count);
        IReadOnlyList<VolumeResponse> clones = await client.CreateClonesAsync(
            new CloneCreateRequest(source.Name.ToString(), target.Name.ToString(), count), cancel).ConfigureAwait(false);
        if (count is null)
        {
            output.Show(clones[0], ControlJsonContext.Default.VolumeResponse, clone => output.Line($"cloned {source.Name} to {clone.Name}"));
        }
        else
        {
            output.Show(clones, ControlJsonContext.Default.IReadOnlyListVolumeResponse, all =>
                output.Line($"cloned {source.Name} to {all[0].Name}{(all.Count == 1 ? "" : $" to {all[^1].Name}, {all.Count} in all")}"));
        }

        return 0;
    }

    private static bool ParseCount(string text, out int? value, out string problem)
    {
        bool isCount = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= CloneNames.MaxCount;
        value = count;
        problem = isCount ? "" : $"'{text}' is not a number of clones; give 1 to {CloneNames.MaxCount}";
        return isCount;
    }
}
