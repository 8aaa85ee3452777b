using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;

namespace ThinFuse.Cli.Transfer;

/// <summary><c>thinfuse receive</c>: takes the stream of <c>thinfuse send</c> from stdin.</summary>
internal sealed class ReceiveCommand : CliCommand
{
    private readonly Argument<VolumePath> _target = Input.VolumeOrSnapshot(
        "VOLUME", "The volume's file, MNT/NAME, which need not exist; or MNT/NAME@SNAPSHOT to name the snapshot too.");
    private readonly Option<bool> _force = Input.Flag(
        "--force", "Give up what was written to the volume since the snapshot that the changes go onto, and change it even while it is open.");
    private readonly Option<bool> _token = Input.Flag("--token", "Print what to resume a stream with that broke off, and receive nothing.");

    public ReceiveCommand(CliServices services)
        : base(services, "receive", "Make a volume and a snapshot out of the stream of 'thinfuse send' on stdin: whole, or not at all.")
    {
        Add(_target);
        Add(_force);
        Add(_token);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath target = parse.GetRequiredValue(_target);
        MountedPool pool = Services.Locator.FromVolume(target);
        using ControlClient client = new(pool.PoolDirectory);
        if (parse.GetValue(_token))
        {
            ReceiveResponse begun = await client.FindReceiveAsync(target.Name.Volume, cancel).ConfigureAwait(false);
            output.Show(begun, ControlJsonContext.Default.ReceiveResponse, r => output.Line(r.Token));
            return 0;
        }

        if (Services.Streams.IsInputTerminal)
        {
            throw new CommandFailure(ControlErrorKind.Usage, "stdin is a terminal; pipe the stream of 'thinfuse send' into this");
        }

        using Stream stream = Services.Streams.OpenInput(cancel);
        TransferReader reader = new(stream);
        ReceiveRequest request = ReceiveRequest.Of(reader.Header, target.Name.Volume, target.Name.Snapshot, parse.GetValue(_force));
        VolumeResponse snapshot = await ReceiveAsync(client, pool, reader, request, output, cancel).ConfigureAwait(false);
        output.Show(snapshot, ControlJsonContext.Default.VolumeResponse, s => output.Line($"received {Path.Combine(pool.MountPoint, s.Name)}"));
        return 0;
    }

    private static async Task<VolumeResponse> ReceiveAsync(
        ControlClient client, MountedPool pool, TransferReader reader, ReceiveRequest request, CommandOutput output, CancellationToken cancel)
    {
        ReceiveBeginRequest begin = new(
            request.Target, request.SnapshotName, request.ContentId, request.BaseId, request.SizeBytes, request.StartBytes, request.CreatedAt,
            request.Force);
        ReceiveResponse begun = await WhenClosedAsync(() => client.BeginReceiveAsync(begin, cancel), cancel).ConfigureAwait(false);
        if (begun.IsComplete)
        {
            new TransferReceiver(reader, new NoTarget()).Run();
            IReadOnlyList<VolumeResponse> volumes = await client.ListVolumesAsync(cancel).ConfigureAwait(false);
            return volumes.FirstOrDefault(volume => volume.Name == begun.Name)
                ?? throw new CommandFailure(ControlErrorKind.NotFound, $"{begun.Name} was deleted meanwhile; send it again");
        }

        using (StatusLine status = output.NewStatusLine())
        {
            await TakeAsync(client, Path.Combine(pool.MountPoint, begun.Name), reader, request, status).ConfigureAwait(false);
        }

        ReceiveFinishRequest finish = new(request.ContentId, request.Force);
        return await WhenClosedAsync(() => client.FinishReceiveAsync(request.Target, finish, cancel), cancel).ConfigureAwait(false);
    }

    private static async Task TakeAsync(ControlClient client, string path, TransferReader reader, ReceiveRequest request, StatusLine status)
    {
        Exception? notKept = null;
        try
        {
            using MountedFile file = MountedFile.OpenWrite(path);
            TransferReceiver receiver = new(reader, new MountedTarget(file, client, request.Target), bytes =>
                status.Show(() => $"{request.Target}@{request.SnapshotName}: {Size.ToText(bytes)} received"));
            try
            {
                receiver.Run();
            }
            finally
            {
                notKept = receiver.KeepFailure;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            status.Dispose();
            ControlError error = ErrorTranslator.Translate(e);
            throw new CommandFailure(error.Kind, error.Message + await WhatToDoAsync(client, request.Target, notKept).ConfigureAwait(false), e);
        }
    }

    /// <summary>How to go on; nothing when the daemon does not answer.</summary>
    private static async Task<string> WhatToDoAsync(ControlClient client, string target, Exception? notKept)
    {
        try
        {
            ReceiveResponse kept = await client.FindReceiveAsync(target).ConfigureAwait(false);
            string less = notKept is null ? "" : $"; less is kept than came ({notKept.Message})";
            return $"{less}; {target} is as it was, and {Size.ToText(kept.KeptBytes)} of the volume are kept: send the rest with --resume {kept.Token}";
        }
        catch (ControlException e)
        {
            return $"; {e.Message}";
        }
    }

    /// <summary>
    /// Asks again for a while when the volume is open: the kernel tells the daemon of a file's close a moment after it, so one that was just read may count
    /// as open for that long.
    /// </summary>
    private static async Task<T> WhenClosedAsync<T>(Func<Task<T>> request, CancellationToken cancel)
    {
        const int Tries = 20;
        const int PauseMs = 100;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await request().ConfigureAwait(false);
            }
            catch (ControlException e) when (e.Kind == ControlErrorKind.Busy && attempt < Tries)
            {
                await Task.Delay(PauseMs, cancel).ConfigureAwait(false);
            }
        }
    }
}
