namespace ThinFuse.Cli.Volume;

/// <summary>What a deletion did.</summary>
/// <param name="Deleted">The name that is gone.</param>
internal sealed record DeleteResult(string Deleted);
