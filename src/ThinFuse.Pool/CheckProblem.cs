namespace ThinFuse.Pool;

/// <summary>One thing that is wrong in a pool.</summary>
/// <param name="Kind">What sort of thing: one of the constants of <see cref="CheckProblemKinds"/>.</param>
/// <param name="Message">One line: where, and what.</param>
/// <param name="Volume">A volume or snapshot that reads through it; null when none does or it is not known.</param>
/// <param name="OffsetBytes">Where in that volume.</param>
public sealed record CheckProblem(string Kind, string Message, string? Volume = null, long? OffsetBytes = null);
