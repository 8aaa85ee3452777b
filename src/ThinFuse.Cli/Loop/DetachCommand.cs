using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Loop;

/// <summary><c>thinfuse detach</c>.</summary>
internal sealed class DetachCommand : CliCommand
{
    private const string LoopPrefix = "/dev/loop";

    private readonly Argument<string> _target = Input.Path(
        "VOLUME", "The file of a volume or snapshot, MNT/NAME, or a device, /dev/loopN.");

    public DetachCommand(CliServices services)
        : base(services, "detach", "Detach the loop devices of a volume or snapshot, or one loop device.") => Add(_target);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string target = parse.GetRequiredValue(_target);
        IReadOnlyList<string> devices = target.StartsWith(LoopPrefix, StringComparison.Ordinal)
            ? FindDevice(target)
            : await FindDevicesAsync(target, cancel).ConfigureAwait(false);
        if (devices.Count > 0 && Posix.EffectiveUserId() != 0)
        {
            throw new CommandFailure(ControlErrorKind.Failed, $"only root can detach a loop device; run 'sudo thinfuse detach {target}'");
        }

        foreach (string device in devices)
        {
            await LoopDevices.DetachAsync(device, cancel).ConfigureAwait(false);
        }

        output.Show(new DetachResult(devices), CliJsonContext.Default.DetachResult, r =>
            output.Line(r.Devices.Count == 0 ? $"nothing is attached to {target}" : $"detached {string.Join(", ", r.Devices)}"));
        return 0;
    }

    private static IReadOnlyList<string> FindDevice(string device)
    {
        if (!File.Exists(device))
        {
            throw new CommandFailure(ControlErrorKind.NotFound, $"there is no device {device}; 'losetup --list' shows which there are");
        }

        return LoopDevices.BackingFiles().Any(loop => loop.Device == device) ? [device] : [];
    }

    private async Task<IReadOnlyList<string>> FindDevicesAsync(string target, CancellationToken cancel)
    {
        if (!VolumePath.TryParse(target, out VolumePath? path, out string problem))
        {
            throw new CommandFailure(ControlErrorKind.Usage, problem);
        }

        Services.Locator.FromVolume(path!);
        return await LoopDevices.FindAsync(path!.FullPath, cancel).ConfigureAwait(false);
    }
}
