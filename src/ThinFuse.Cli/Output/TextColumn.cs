namespace ThinFuse.Cli.Output;

/// <summary>A column of a table.</summary>
/// <param name="Heading">Its heading, may be empty.</param>
/// <param name="IsRight">Whether its cells stand to the right.</param>
internal sealed record TextColumn(string Heading, bool IsRight = false);
