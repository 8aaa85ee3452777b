using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Transfer;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Streams from a pool to the shelf, and from there to a pool: whole, broken off, and gone on with, whatever happens to the files meanwhile.</summary>
internal sealed class TransferOperations(WorkloadContext context, StreamShelf shelf)
{
    private WholeModel Model => context.Model;

    internal Done? Send()
    {
        if (context.Any(WholeModel.IsReadOnly) is not { } snapshot)
        {
            return null;
        }

        string? from = context.Random.Next(4) == 0 ? null : context.Any(name => WholeModel.IsReadOnly(name) && name != snapshot);
        Guid contentId = IdOf(snapshot);
        Guid baseId = from is null ? Guid.Empty : IdOf(from);
        try
        {
            byte[] stream = Wire.Send(context.Test, snapshot, from);
            byte[] baseContent = from is null ? [] : Model.Content[from];
            PoolContent.Difference(Model.Content[snapshot], ArrayTarget.Apply(stream, baseContent)).Should().BeNull($"sent {snapshot} from {from}");
            shelf.Add(new ShelvedStream(stream, contentId, baseId, baseContent));
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.Usage && from is not null)
        {
            return new Done($"{snapshot} and {from} have nothing in common", IsDurable: true);
        }

        return new Done($"send {snapshot} from {from ?? "nothing"}", IsDurable: true);
    }

    /// <summary>Begins to receive a stream, which may break off.</summary>
    internal Done? Receive()
    {
        if (!context.HasRoom || shelf.Streams.Count == 0)
        {
            return null;
        }

        ShelvedStream stream = shelf.Streams[context.Random.Next(shelf.Streams.Count)];
        string? target = stream.BaseId == Guid.Empty
            ? context.NewName("r")
            : context.Any(name => !name.Contains('@') && !Model.IsReceiving(name) && (BaseOf(name, stream.BaseId) is not null || context.Random.Next(20) == 0));
        return target is null ? null : Take(target, stream, stream.Bytes);
    }

    /// <summary>Goes on with a stream that broke off, from where it did or from its beginning.</summary>
    internal Done? GoOn()
    {
        if (AnyTarget() is not { } target)
        {
            return null;
        }

        ResumeToken token = Model.Receives[target].Token;
        if (shelf.Find(token.ContentId, token.BaseId) is not { } stream)
        {
            return null;
        }

        byte[]? rest = context.Random.Next(4) == 0 ? null : shelf.SendRest(token);
        return Take(target, stream, rest ?? stream.Bytes);
    }

    /// <summary>Puts what is whole in its place, or has that refused where something else got there.</summary>
    internal Done? Finish()
    {
        if (AnyTarget() is not { } target || Model.Receives[target] is not { } receive || receive.Token.KeptBytes != Model.Content[receive.File].Length)
        {
            return null;
        }

        bool force = context.Random.Next(2) == 0;
        string? mustRefuse = RefusalOf(target, receive.Snapshot, receive.Token.BaseId, force);
        try
        {
            context.Pool.FinishReceive(target, receive.Token.ContentId, force);
        }
        catch (PoolException e) when (IsAllowed(e, mustRefuse, receive.Token.BaseId, force))
        {
            return new Done($"finish {target}: {e.Message}", IsDurable: false);
        }

        mustRefuse.Should().BeNull($"{target} was replaced");
        PutInPlace(target, receive);
        return new Done($"finish {receive.Snapshot}", IsDurable: true);
    }

    private void PutInPlace(string target, ReceiveProgress receive)
    {
        byte[] content = Model.Content[receive.File];
        shelf.MustBe(receive.Token.ContentId, content);
        if (receive.Token.BaseId == Guid.Empty)
        {
            Model.Receives.Remove(target);
            Model.Rename(receive.File, target);
        }
        else
        {
            Model.Content.Files[target] = content;
            Model.CutPromise(target, context.Pool.Geometry);
            Model.Forget(receive.File);
        }

        Model.Content.Files[receive.Snapshot] = content;
        Model.ContentIds[receive.Snapshot] = receive.Token.ContentId;
    }

    private Done Take(string target, ShelvedStream stream, byte[] bytes)
    {
        bool isBroken = context.Random.Next(2) == 0;
        byte[] sent = isBroken ? Break(bytes) : bytes;
        TransferReader reader;
        try
        {
            reader = new TransferReader(new MemoryStream(sent));
        }
        catch (PoolException) when (isBroken)
        {
            return new Done("a stream without a header", IsDurable: false);
        }

        bool force = context.Random.Next(2) == 0;
        ReceiveRequest request = ReceiveRequest.Of(reader.Header, target, context.NewName("m"), force);
        if (!Begin(request, stream, force))
        {
            return new Done($"receive {target} refused", IsDurable: false);
        }

        context.MayStopHere();
        using MirroredTarget into = new(context.Test, Model, target);
        TransferReceiver receiver = new(reader, into);
        try
        {
            receiver.Run();
        }
        catch (PoolException e) when (isBroken && e.Kind != PoolErrorKind.NoSpace)
        {
            return new Done($"receive {target} to {receiver.TakenBytes}", IsDurable: receiver.KeepFailure is null);
        }

        isBroken.Should().BeFalse("a stream that is broken is not taken for whole");
        return new Done($"receive all of {target}", IsDurable: true);
    }

    /// <summary>Cuts a stream short, or flips a bit of it.</summary>
    private byte[] Break(byte[] bytes)
    {
        byte[] broken = bytes[..context.Random.Next(bytes.Length)];
        if (context.Random.Next(3) == 0)
        {
            broken = [.. bytes];
            broken[context.Random.Next(bytes.Length)] ^= (byte)(1 << context.Random.Next(8));
        }

        return broken;
    }

    /// <summary>Begins or goes on; false when that was refused, as it must be or may be.</summary>
    private bool Begin(ReceiveRequest request, ShelvedStream stream, bool force)
    {
        string snapshot = VolumeName.Snapshot(request.Target, request.SnapshotName);
        ReceiveProgress? begun = Model.Receives.GetValueOrDefault(request.Target);
        string? mustRefuse = RefusalOf(request.Target, snapshot, request.BaseId, force)
            ?? (begun is not null && (begun.Token.ContentId, begun.Token.BaseId) != (request.ContentId, request.BaseId) ? "another one is under way" : null)
            ?? (begun is null && Model.Content.Files.ContainsKey(request.Target + Receives.NameEnd) ? "the name is taken" : null);
        try
        {
            ReceiveInfo info = context.Pool.BeginReceive(request);
            mustRefuse.Should().BeNull($"{request.Target} was begun");
            info.IsComplete.Should().BeFalse();
        }
        catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
        {
            // It may have begun, and not have got its size.
            if (context.Pool.FindReceive(request.Target) is not null && mustRefuse is null)
            {
                NoteBegun(request, snapshot, stream);
            }

            throw;
        }
        catch (PoolException e) when (IsAllowed(e, mustRefuse, request.BaseId, force))
        {
            return false;
        }

        NoteBegun(request, snapshot, stream);
        context.MayStopHere();
        Model.Content.Resize(Model.Receives[request.Target].File, request.SizeBytes);
        return true;
    }

    private void NoteBegun(ReceiveRequest request, string snapshot, ShelvedStream stream)
    {
        if (Model.Receives.TryGetValue(request.Target, out ReceiveProgress? begun))
        {
            Model.Receives[request.Target] = begun with { Snapshot = snapshot };
            return;
        }

        string file = request.Target + Receives.NameEnd;
        Model.Content.Files[file] = request.BaseId == Guid.Empty ? new byte[request.SizeBytes] : stream.BaseContent;
        Model.Receives[request.Target] = new ReceiveProgress(file, snapshot, new ResumeToken(request.ContentId, request.BaseId, 0));
    }

    /// <summary>Why a receive must be refused, as far as the model can tell; null when it is for the pool to say.</summary>
    private string? RefusalOf(string target, string snapshot, Guid baseId, bool force)
    {
        if (Model.Content.Files.ContainsKey(snapshot))
        {
            return "the snapshot's name is taken";
        }

        bool exists = Model.Content.Files.TryGetValue(target, out byte[]? content);
        if (baseId == Guid.Empty)
        {
            return exists ? "the target is there already" : null;
        }

        string? from = BaseOf(target, baseId);
        return !exists ? "there is no target"
            : from is null ? "the target has not the base"
            : !force && !content.AsSpan().SequenceEqual(Model.Content[from]) ? "the target was changed"
            : null;
    }

    /// <summary>A target with the content of the base may still have been written to; nothing else is refused without a reason.</summary>
    private static bool IsAllowed(PoolException refusal, string? mustRefuse, Guid baseId, bool force) => refusal.Kind != PoolErrorKind.NoSpace
        && (mustRefuse is not null || (baseId != Guid.Empty && !force && refusal.Message.Contains("was changed since", StringComparison.Ordinal)));

    private string? BaseOf(string target, Guid baseId) =>
        Model.ContentIds.FirstOrDefault(pair => pair.Value == baseId && pair.Key.StartsWith(target + "@", StringComparison.Ordinal)).Key;

    private string? AnyTarget()
    {
        string[] targets = [.. Model.Receives.Keys.Order(StringComparer.Ordinal)];
        return targets.Length == 0 ? null : targets[context.Random.Next(targets.Length)];
    }

    private Guid IdOf(string snapshot)
    {
        Guid id = context.Pool.ContentOf(snapshot).ContentId;
        if (Model.ContentIds.TryGetValue(snapshot, out Guid known))
        {
            id.Should().Be(known);
        }

        shelf.MustBe(id, Model.Content[snapshot]);
        Model.ContentIds[snapshot] = id;
        context.MayStopHere();
        return id;
    }
}
