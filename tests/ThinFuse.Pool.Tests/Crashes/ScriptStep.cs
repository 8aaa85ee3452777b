using ThinFuse.Pool.Tests.Engine;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>Something to do to a pool, and what that makes of what it holds.</summary>
/// <param name="What">For messages.</param>
/// <param name="IsDurable">Whether it survives power loss once it returns, and with it everything before it.</param>
/// <param name="Act">Does it.</param>
/// <param name="Apply">What the model becomes.</param>
internal sealed record ScriptStep(string What, bool IsDurable, Action<ThinPool> Act, Action<ModelPool> Apply);
