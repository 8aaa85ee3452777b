using System.CommandLine;
using System.CommandLine.Parsing;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Loop;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Snapshot;

/// <summary><c>thinfuse snapshot rollback</c>.</summary>
internal sealed class SnapshotRollbackCommand : CliCommand
{
    private readonly Argument<VolumePath> _snapshot = Input.Snapshot("SNAPSHOT", "The snapshot's file, MNT/VOLUME@NAME.");
    private readonly Option<bool> _discard = Input.Flag("--discard-current", "Give up what the volume is now, instead of keeping it as a snapshot.");
    private readonly Option<bool> _force = Input.Flag("--force", "Do it even while the volume is open; its users see the new content from then on.");
    private readonly Option<string?> _keepAs = new("--keep-as")
    {
        Description = "The part after the @ in the name of the snapshot that keeps what the volume is now; default: before-rollback-TIME.",
        HelpName = "NAME",
        CustomParser = Input.Parse<string?>(ParseName),
    };

    public SnapshotRollbackCommand(CliServices services)
        : base(services, "rollback", "Put the volume that a snapshot was taken of back to it, without copying.")
    {
        Add(_snapshot);
        Add(_discard);
        Add(_force);
        Add(_keepAs);
        Validators.Add(KeepOrDiscard);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath path = parse.GetRequiredValue(_snapshot);
        MountedPool pool = Services.Locator.FromVolume(path);
        using ControlClient client = new(pool.PoolDirectory);
        RollbackRequest request = new(parse.GetValue(_discard), parse.GetValue(_force), parse.GetValue(_keepAs));
        RollbackResponse done = await client.RollBackAsync(path.Name.ToString(), request, cancel).ConfigureAwait(false);
        string file = Path.Combine(pool.MountPoint, done.Volume.Name);
        foreach ((string device, _) in LoopDevices.BackingFiles().Where(loop => request.Force && loop.File == file))
        {
            output.Warn($"{device}{LoopUsers.Describe(device)} is on {file}, whose content changed under it: unmount without using it, then detach and attach");
        }

        output.Show(done, ControlJsonContext.Default.RollbackResponse, result => output.Line(
            $"rolled {result.Volume.Name} back to {path.Name}; {(result.Kept is null ? "what it was is gone" : $"what it was is {result.Kept.Name}")}"));
        return 0;
    }

    private static bool ParseName(string text, out string? value, out string problem)
    {
        value = text;
        return VolumeName.TryCheckPart(text, out problem);
    }

    private void KeepOrDiscard(CommandResult result)
    {
        if (result.GetResult(_keepAs) is not null && result.GetResult(_discard) is { Implicit: false })
        {
            result.AddError("give --keep-as or --discard-current, not both");
        }
    }
}
