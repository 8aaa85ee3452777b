using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Transfer;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Streams from a pool to the shelf.</summary>
internal sealed class SendOperations(WorkloadContext context, StreamShelf shelf)
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
