using System.CommandLine;
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

    public CloneCommand(CliServices services)
        : base(services, "clone", "Make a writable volume out of a snapshot or volume, without copying.")
    {
        Add(_source);
        Add(_target);
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
        VolumeResponse clone = await client.CreateCloneAsync(
            new CloneCreateRequest(source.Name.ToString(), target.Name.ToString()), cancel).ConfigureAwait(false);
        output.Show(clone, ControlJsonContext.Default.VolumeResponse, c => output.Line($"cloned {source.Name} to {c.Name}"));
        return 0;
    }
}
