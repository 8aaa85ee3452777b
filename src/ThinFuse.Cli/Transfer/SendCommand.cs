using System.CommandLine;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Snapshot;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;

namespace ThinFuse.Cli.Transfer;

/// <summary><c>thinfuse send</c>: a snapshot, or what changed since another, as a stream on stdout.</summary>
internal sealed class SendCommand : CliCommand
{
    private readonly Argument<VolumePath> _snapshot = Input.VolumeOrSnapshot("SNAPSHOT", "The snapshot's file, MNT/VOLUME@NAME.");
    private readonly Option<VolumePath?> _from = Input.SnapshotOption(
        "--from", "Send only what changed since this snapshot, MNT/VOLUME@NAME, which the receiver has.");
    private readonly Option<ResumeToken?> _resume = new("--resume")
    {
        Description = "Go on with a stream that broke off: the token that 'thinfuse receive' told. Name the same snapshots again.",
        HelpName = "TOKEN",
        CustomParser = Input.Parse<ResumeToken?>(ParseToken),
    };

    public SendCommand(CliServices services)
        : base(services, "send", "Write a snapshot, or what changed since another, to stdout, for 'thinfuse receive'.")
    {
        Add(_snapshot);
        Add(_from);
        Add(_resume);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        VolumePath snapshot = parse.GetRequiredValue(_snapshot);
        VolumePath? from = parse.GetValue(_from);
        MountedPool pool = Services.Locator.FromVolume(snapshot);
        if (from is not null && Services.Locator.FromVolume(from).PoolDirectory != pool.PoolDirectory)
        {
            throw new CommandFailure(ControlErrorKind.Usage, $"{from.FullPath} is in another pool; changes are sent between snapshots of one pool");
        }

        if (Services.Streams.IsOutputTerminal)
        {
            throw new CommandFailure(ControlErrorKind.Usage, "the stream is no text; pipe it into 'thinfuse receive', or into a file with '>'");
        }

        using ControlClient client = new(pool.PoolDirectory);
        ContentResponse content = await client.GetContentAsync(snapshot.Name.ToString(), cancel).ConfigureAwait(false);
        Guid start = from is null ? Guid.Empty : (await client.GetContentAsync(from.Name.ToString(), cancel).ConfigureAwait(false)).ContentId;
        TransferHeader header = new(
            Guid.NewGuid(), content.ContentId, start, content.SizeBytes, StartOf(parse.GetValue(_resume), content.ContentId, start, snapshot),
            content.CreatedAt, content.ChunkSize, content.BlockSize, content.Name);
        using MountedFile file = MountedFile.OpenRead(snapshot.FullPath);
        using Stream stream = Services.Streams.OpenOutput(cancel);
        try
        {
            await SendAsync(client, header, from, file, stream, output, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandFailure(
                ControlErrorKind.Failed, $"the stream of {snapshot.Name} could not be written to its end: {e.Message}; what reads it says why", e);
        }

        return 0;
    }

    private static async Task SendAsync(
        ControlClient client, TransferHeader header, VolumePath? from, MountedFile file, Stream stream, CommandOutput output, CancellationToken cancel)
    {
        using StatusLine status = output.NewStatusLine();
        TransferSender sender = new(stream, header, file.Read);
        await foreach (string line in client.ReadDiffAsync(from?.Name.ToString(), header.Name, evenUnrelated: false, cancel).ConfigureAwait(false))
        {
            DiffRangeResponse range = DiffRange.Parse(line);
            foreach (ChangedRange piece in Pieces(range))
            {
                sender.Send(piece);
                status.Show(() => $"{header.Name}: {Size.ToText(sender.StreamBytes)} sent");
            }
        }

        // Names can change hands while a stream goes on; the ranges were those of the names.
        bool isSame = (await client.GetContentAsync(header.Name, cancel).ConfigureAwait(false)).ContentId == header.ContentId
            && (from is null || (await client.GetContentAsync(from.Name.ToString(), cancel).ConfigureAwait(false)).ContentId == header.BaseId);
        if (!isSame)
        {
            throw new CommandFailure(ControlErrorKind.Failed, $"{header.Name} is another snapshot than it was when it began to be sent; send it again");
        }

        sender.End();
    }

    /// <summary>Parts of a range after each of which progress is shown.</summary>
    private static IEnumerable<ChangedRange> Pieces(DiffRangeResponse range)
    {
        const long PieceBytes = 16 << 20;
        if (range.Kind == DiffRangeKind.Zero)
        {
            yield return new ChangedRange(range.Offset, range.Length, RangeKind.Zero);
            yield break;
        }

        for (long done = 0; done < range.Length; done += PieceBytes)
        {
            yield return new ChangedRange(range.Offset + done, Math.Min(PieceBytes, range.Length - done), RangeKind.Data);
        }
    }

    private static long StartOf(ResumeToken? token, Guid contentId, Guid baseId, VolumePath snapshot) => token switch
    {
        null => 0,
        { } known when known.ContentId == contentId && known.BaseId == baseId => known.KeptBytes,
        _ => throw new CommandFailure(
            ControlErrorKind.Usage, $"the token is of another stream; name the snapshots that were sent when it broke off, instead of {snapshot.Name}"),
    };

    private static bool ParseToken(string text, out ResumeToken? value, out string problem)
    {
        bool isToken = ResumeToken.TryParse(text, out ResumeToken token);
        value = token;
        problem = isToken ? "" : $"'{text}' is no token; take it from what 'thinfuse receive' says, or from 'thinfuse receive MNT/VOLUME --token'";
        return isToken;
    }
}
