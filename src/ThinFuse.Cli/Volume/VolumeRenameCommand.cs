using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume rename</c>.</summary>
internal sealed class VolumeRenameCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.Volume("VOLUME", "The volume's file, MNT/NAME.");
    private readonly Argument<string> _newName = new("NEWNAME")
    {
        Description = "The new name, NAME or MNT/NAME; it must be free.",
        CustomParser = Input.Parse<string>(ParseNewName),
    };

    public VolumeRenameCommand(CliServices services)
        : base(services, "rename", "Give a volume another name.")
    {
        Add(_volume);
        Add(_newName);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        string newName = parse.GetRequiredValue(_newName);
        MountedPool pool = Services.Locator.FromVolume(path);
        if (newName.Contains('/', StringComparison.Ordinal)
            && Services.Locator.FromMount(Path.GetDirectoryName(Path.GetFullPath(newName))!).PoolDirectory != pool.PoolDirectory)
        {
            throw new CommandFailure(
                ControlErrorKind.Usage, $"'{newName}' is not in {pool.MountPoint}; a volume stays in its pool, so give the new name only");
        }

        using ControlClient client = new(pool.PoolDirectory);
        VolumeResponse volume = await client.UpdateVolumeAsync(
            path.Name.ToString(), new VolumeUpdateRequest(NewName: Path.GetFileName(newName)), cancel).ConfigureAwait(false);
        output.Show(volume, ControlJsonContext.Default.VolumeResponse, v => output.Line($"volume {path.Name} is now {v.Name}"));
        return 0;
    }

    private static bool ParseNewName(string text, out string value, out string problem)
    {
        value = text;
        if (VolumePath.TryParse(text, out VolumePath? path, out problem) && path!.Name.IsSnapshot)
        {
            problem = $"'{path.Name}' is the name of a snapshot, and this needs one of a volume";
        }

        return problem.Length == 0;
    }
}
