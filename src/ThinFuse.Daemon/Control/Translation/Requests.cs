using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using DiscardPolicy = ThinFuse.Daemon.Control.Contracts.DiscardPolicy;
using NoSpacePolicy = ThinFuse.Daemon.Control.Contracts.NoSpacePolicy;

namespace ThinFuse.Daemon.Control.Translation;

/// <summary>What the contract asks for, in the words of the engine.</summary>
public static class Requests
{
    /// <summary>The settings after a request.</summary>
    public static PoolSettings Apply(PoolUpdateRequest request, PoolSettings settings) => settings with
    {
        NoSpace = request.NoSpacePolicy is { } policy ? Of(policy) : settings.NoSpace,
        NoSpaceTimeoutMs = request.NoSpaceTimeoutMs ?? settings.NoSpaceTimeoutMs,
        LowWater = AmountOf(request.LowWater, settings.LowWater),
        AutoExtend = AmountOf(request.AutoExtend, settings.AutoExtend),
        MaxSizeBytes = request.MaxSizeBytes ?? settings.MaxSizeBytes,
        IsStrict = request.Strict ?? settings.IsStrict,
        Discard = request.DiscardPolicy is { } discard ? Of(discard) : settings.Discard,
    };

    private static SpaceAmount AmountOf(string? text, SpaceAmount present) =>
        text is null ? present
        : SpaceAmount.TryParse(text, out SpaceAmount amount) ? amount
        : throw new PoolException(PoolErrorKind.Usage, $"'{text}' is no amount of space; give bytes, percent as in 10%, or off");

    private static Pool.DiscardPolicy Of(DiscardPolicy policy) =>
        policy == DiscardPolicy.Passdown ? Pool.DiscardPolicy.Passdown : Pool.DiscardPolicy.Keep;

    private static Pool.NoSpacePolicy Of(NoSpacePolicy policy) =>
        policy == NoSpacePolicy.Queue ? Pool.NoSpacePolicy.Queue : Pool.NoSpacePolicy.Error;
}
