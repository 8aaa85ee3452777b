namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>One step of a script, and what the pool holds when it has ended. Contents are never changed in place.</summary>
/// <param name="What">For messages.</param>
/// <param name="StartIo">I/Os before it.</param>
/// <param name="EndIo">I/Os when it was acknowledged, or refused.</param>
/// <param name="IsDurable">Whether it, and everything before it, survives power loss.</param>
/// <param name="State">What there is afterwards.</param>
/// <param name="Attempt">What a step that failed would have made, any part of which a crash may show; null when it succeeded.</param>
/// <param name="IsOpenEnded">Whether it failed and nobody has looked yet at what is left: the attempt stays possible.</param>
internal sealed record CrashStep(
    string What, int StartIo, int EndIo, bool IsDurable, SortedDictionary<string, byte[]> State,
    SortedDictionary<string, byte[]>? Attempt = null, bool IsOpenEnded = false);
