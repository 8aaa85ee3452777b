namespace ThinFuse.Pool.Tests.Trees;

/// <summary>One step of a workload that is done.</summary>
/// <param name="What">What it was, for messages.</param>
/// <param name="IsDurable">Whether everything up to its end survives power loss.</param>
internal readonly record struct Done(string What, bool IsDurable);
