using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using TimeName = ThinFuse.Pool.Volumes.TimeName;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot create</c>.</summary>
internal sealed class SnapshotCreateCommand : CliCommand
{
    private readonly Argument<VolumePath[]> _volumes = Input.VolumesOrSnapshots(
        "VOLUME", "The volumes' files, MNT/NAME, or snapshots', MNT/NAME@NAME; several are taken at one instant.");
    private readonly Option<string> _name = new("--name")
    {
        Description = "The part after the @; default: the time in UTC, such as 20261124T101500Z.",
        HelpName = "NAME",
        CustomParser = Input.Parse<string>(ParseName),
    };

    private readonly Option<bool> _writable = Input.Flag("--writable", "Make snapshots that can be written to.");

    public SnapshotCreateCommand(CliServices services)
        : base(services, "create", "Take a snapshot of one or more volumes or snapshots.")
    {
        Add(_volumes);
        Add(_name);
        Add(_writable);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath[] volumes = parse.GetRequiredValue(_volumes);
        MountedPool pool = Services.Locator.FromVolume(volumes[0]);
        foreach (VolumePath other in volumes.DistinctBy(volume => volume.Directory).Skip(1))
        {
            if (Services.Locator.FromVolume(other).PoolDirectory != pool.PoolDirectory)
            {
                throw new CommandFailure(
                    ControlErrorKind.Usage, $"{other.FullPath} is in another pool; one instant exists only within one pool");
            }
        }

        using ControlClient client = new(pool.PoolDirectory);
        IEnumerable<string> names = parse.GetValue(_name) is { } name ? [name] : TimeName.Of(DateTime.UtcNow);
        IReadOnlyList<VolumeResponse> snapshots = await CreateAsync(client, volumes, names, parse.GetValue(_writable), cancel).ConfigureAwait(false);
        output.Show(snapshots, ControlJsonContext.Default.IReadOnlyListVolumeResponse, taken =>
        {
            foreach (VolumeResponse snapshot in taken)
            {
                output.Line(Path.Combine(pool.MountPoint, snapshot.Name));
            }
        });
        return 0;
    }

    /// <summary>Takes them under the first of the names that is free.</summary>
    private static async Task<IReadOnlyList<VolumeResponse>> CreateAsync(
        ControlClient client, IReadOnlyList<VolumePath> volumes, IEnumerable<string> names, bool writable, CancellationToken cancel)
    {
        SnapshotCreateRequest request = new([.. volumes.Select(volume => volume.Name.ToString())], "", writable);
        ControlException? refusal = null;
        foreach (string name in names)
        {
            try
            {
                return await client.CreateSnapshotsAsync(request with { Name = name }, cancel).ConfigureAwait(false);
            }
            catch (ControlException e) when (e.Kind == ControlErrorKind.Exists)
            {
                refusal = e;
            }
        }

        throw refusal!;
    }

    private static bool ParseName(string text, out string value, out string problem)
    {
        value = text;
        return VolumeName.TryCheckPart(text, out problem);
    }
}
