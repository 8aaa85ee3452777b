using ThinFuse.Pool.Tree;

namespace ThinFuse.Pool.Volumes;

/// <summary>What a reader of a volume begins with, taken at one moment.</summary>
/// <param name="Head">The layer it begins at.</param>
/// <param name="MapId">Under which number the resolved map knows the volume; never reused.</param>
/// <remarks>
/// Two views have the same map id only if they show the same content but for what was published in between: a view with a new id takes the place of
/// one whose kept answers are not invalidated one by one. Replaced as a whole, with the volume's gate closed.
/// </remarks>
internal sealed record ReadView(Layer Head, long MapId);
