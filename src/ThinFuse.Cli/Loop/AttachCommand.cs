using System.CommandLine;
using System.Runtime.InteropServices;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Loop;

/// <summary><c>thinfuse attach</c>.</summary>
internal sealed class AttachCommand : CliCommand
{
    private readonly Argument<VolumePath> _volume = Input.VolumeOrSnapshot("VOLUME", "The file of a volume or snapshot, MNT/NAME.");

    public AttachCommand(CliServices services)
        : base(services, "attach", "Make a loop device of a volume or snapshot and print its name.") => Add(_volume);

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_volume);
        MountedPool pool = Services.Locator.FromVolume(path);
        RequireFile(path, pool);
        IReadOnlyList<string> attached = await LoopDevices.FindAsync(path.FullPath, cancel).ConfigureAwait(false);
        if (attached.Count > 0)
        {
            Show(output, new AttachResult(attached[0], path.FullPath, path.Name.IsSnapshot, AlreadyAttached: true));
            return 0;
        }

        if (Posix.EffectiveUserId() != 0)
        {
            throw new CommandFailure(ControlErrorKind.Failed, NotRoot(path, pool));
        }

        string device = await LoopDevices.AttachAsync(path.FullPath, path.Name.IsSnapshot, cancel).ConfigureAwait(false);
        try
        {
            LoopDevices.LimitRequestSize(device);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.Warn($"{device} may split large requests: {e.Message}");
        }

        Show(output, new AttachResult(device, path.FullPath, path.Name.IsSnapshot, AlreadyAttached: false));
        return 0;
    }

    private static void Show(CommandOutput output, AttachResult result) =>
        output.Show(result, CliJsonContext.Default.AttachResult, r => output.Line(r.Device));

    private static void RequireFile(VolumePath path, MountedPool pool)
    {
        int errno = Posix.Probe(path.FullPath);
        CommandFailure? failure = errno switch
        {
            0 => null,
            Posix.ENOENT => new CommandFailure(
                ControlErrorKind.NotFound,
                $"there is no {path.Name} in {pool.MountPoint}; 'thinfuse volume list {pool.MountPoint}' shows what there is"),
            Posix.ENOTCONN => new CommandFailure(
                ControlErrorKind.Failed,
                $"the daemon of {pool.MountPoint} has died; run 'thinfuse mount {pool.PoolDirectory} {pool.MountPoint}' again"),
            Posix.EACCES => new CommandFailure(
                ControlErrorKind.Failed, $"{pool.MountPoint} is closed to all but the user who mounted it; mount it with --allow-other"),
            _ => new CommandFailure(
                ControlErrorKind.Failed, $"{path.FullPath} cannot be reached: {Marshal.GetPInvokeErrorMessage(errno)}"),
        };
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static string NotRoot(VolumePath path, MountedPool pool) => pool.OthersAllowed || pool.OwnerUid == 0
        ? $"only root can make a loop device; run 'sudo thinfuse attach {path.FullPath}'"
        : "only root can make a loop device, and root cannot enter this mount; "
            + $"mount it with --allow-other, then run 'sudo thinfuse attach {path.FullPath}'";
}
