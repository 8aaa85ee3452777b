using ThinFuse.Pool.Transfer.Receiving;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Which receives a pool must refuse, and which it may.</summary>
internal sealed class ReceiveExpectations(WorkloadContext context)
{
    /// <summary>Why beginning must be refused, as far as the model can tell; null when it is for the pool to say.</summary>
    internal string? RefusalOf(ReceiveRequest request, string snapshot)
    {
        ReceiveProgress? begun = context.Model.Receives.GetValueOrDefault(request.Target);
        return RefusalOf(request.Target, snapshot, request.BaseId, request.Force)
            ?? (begun is not null && (begun.Token.ContentId, begun.Token.BaseId) != (request.ContentId, request.BaseId) ? "another one is under way" : null)
            ?? (begun is null && context.Model.Content.Files.ContainsKey(request.Target + Receives.NameEnd) ? "the name is taken" : null);
    }

    /// <summary>Why a receive must be refused, as far as the model can tell; null when it is for the pool to say.</summary>
    internal string? RefusalOf(string target, string snapshot, Guid baseId, bool force)
    {
        if (context.Model.Content.Files.ContainsKey(snapshot))
        {
            return "the snapshot's name is taken";
        }

        bool exists = context.Model.Content.Files.TryGetValue(target, out byte[]? content);
        if (baseId == Guid.Empty)
        {
            return exists ? "the target is there already" : null;
        }

        string? from = BaseOf(target, baseId);
        return !exists ? "there is no target"
            : from is null ? "the target has not the base"
            : !force && !content.AsSpan().SequenceEqual(context.Model.Content[from]) ? "the target was changed"
            : null;
    }

    /// <summary>A target with the content of the base may still have been written to; nothing else is refused without a reason.</summary>
    internal bool IsAllowed(PoolException refusal, string? mustRefuse, Guid baseId, bool force) => refusal.Kind != PoolErrorKind.NoSpace
        && (mustRefuse is not null || (context.Settings.IsBackground && refusal.Kind == PoolErrorKind.Busy)
            || (baseId != Guid.Empty && !force && refusal.Message.Contains("was changed since", StringComparison.Ordinal)));

    internal string? BaseOf(string target, Guid baseId) =>
        context.Model.ContentIds.FirstOrDefault(pair => pair.Value == baseId && pair.Key.StartsWith(target + "@", StringComparison.Ordinal)).Key;
}
