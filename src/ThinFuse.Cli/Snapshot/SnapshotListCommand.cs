using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Volume;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot list</c>.</summary>
internal sealed class SnapshotListCommand : CliCommand
{
    private readonly Argument<string> _path = Input.Path("MNT", "The place where the pool is mounted, or one volume in it, MNT/NAME.");

    private readonly Option<string?> _sort = SnapshotOrder.CreateOption();

    public SnapshotListCommand(CliServices services)
        : base(services, "list", "List the snapshots of a pool or of one volume.")
    {
        Add(_path);
        Add(_sort);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string path = parse.GetRequiredValue(_path);
        string? only = null;
        MountedPool? pool = Services.Locator.TryFromMount(path);
        if (pool is null)
        {
            // Not a mount, so it is a volume in one; what is neither is best told about as a mount that is missing.
            pool = Services.Locator.TryFromMount(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/") ?? Services.Locator.FromMount(path);
            only = ParseVolume(path);
        }

        using ControlClient client = new(pool.PoolDirectory);
        IReadOnlyList<VolumeResponse> all = await client.ListVolumesAsync(cancel).ConfigureAwait(false);
        IReadOnlyList<VolumeResponse> snapshots = [.. all.Where(volume => volume.Kind == VolumeKind.Snapshot
            && (only is null || volume.Name.StartsWith(only + "@", StringComparison.Ordinal)))];
        if (only is not null && snapshots.Count == 0 && all.All(volume => volume.Name != only))
        {
            throw new CommandFailure(
                ControlErrorKind.NotFound, $"there is no volume {only}; 'thinfuse volume list {pool.MountPoint}' shows which there are");
        }

        snapshots = SnapshotOrder.Sort(snapshots, parse.GetValue(_sort));
        output.Show(snapshots, ControlJsonContext.Default.IReadOnlyListVolumeResponse, s => output.Table(VolumeTable.Of(s)));
        return 0;
    }

    private static string ParseVolume(string path)
    {
        if (!VolumePath.TryParse(path, out VolumePath? volume, out string problem))
        {
            throw new CommandFailure(ControlErrorKind.Usage, problem);
        }

        return volume!.Name.IsSnapshot
            ? throw new CommandFailure(ControlErrorKind.Usage, $"'{volume.Name}' is a snapshot; give MNT or MNT/VOLUME")
            : volume.Name.ToString();
    }
}
