using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary><c>thinfuse volume list</c>.</summary>
internal sealed class VolumeListCommand : CliCommand
{
    private readonly Argument<string> _mount = Input.Path("MNT", "The place where the pool is mounted.");

    public VolumeListCommand(CliServices services)
        : base(services, "list", "List volumes and snapshots.") => Add(_mount);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        using ControlClient client = ClientAt(parse.GetRequiredValue(_mount));
        IReadOnlyList<VolumeResponse> volumes = await client.ListVolumesAsync(cancel).ConfigureAwait(false);
        output.Show(volumes, ControlJsonContext.Default.IReadOnlyListVolumeResponse, v => output.Table(VolumeTable.Of(v)));
        return 0;
    }
}
