using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Streams from the shelf to a pool: whole, broken off, and gone on with, whatever happens to the files meanwhile.</summary>
internal sealed class ReceiveOperations(WorkloadContext context, StreamShelf shelf)
{
    private readonly ReceiveExpectations _expectations = new(context);

    private WholeModel Model => context.Model;

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
            : context.Any(name => !name.Contains('@') && !Model.IsReceiving(name) && (_expectations.BaseOf(name, stream.BaseId) is not null || context.Random.Next(20) == 0));
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
        string? mustRefuse = _expectations.RefusalOf(target, receive.Snapshot, receive.Token.BaseId, force);
        try
        {
            context.Pool.FinishReceive(target, receive.Token.ContentId, force);
        }
        catch (PoolException e) when (_expectations.IsAllowed(e, mustRefuse, receive.Token.BaseId, force))
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

        ReceiveRequest request = ReceiveRequest.Of(reader.Header, target, context.NewName("m"), force: context.Random.Next(2) == 0);
        if (!Begin(request, stream))
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
    private bool Begin(ReceiveRequest request, ShelvedStream stream)
    {
        string snapshot = VolumeName.Snapshot(request.Target, request.SnapshotName);
        string? mustRefuse = _expectations.RefusalOf(request, snapshot);
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
        catch (PoolException e) when (_expectations.IsAllowed(e, mustRefuse, request.BaseId, request.Force))
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

    private string? AnyTarget()
    {
        string[] targets = [.. Model.Receives.Keys.Order(StringComparer.Ordinal)];
        return targets.Length == 0 ? null : targets[context.Random.Next(targets.Length)];
    }
}
