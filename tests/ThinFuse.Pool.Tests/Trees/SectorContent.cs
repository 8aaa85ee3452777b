namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What a crash may leave of a file: in each sector what some state of it has there.</summary>
internal static class SectorContent
{
    internal static void MustBeOf(string name, byte[] actual, IReadOnlyList<byte[]> states)
    {
        for (int at = 0; at < actual.Length; at += Geometry.SectorBytes)
        {
            if (!states.Any(state => SectorOf(state, at).SequenceEqual(SectorOf(actual, at))))
            {
                throw new InvalidOperationException($"{name} at {at} holds what none of {states.Count} states allows");
            }
        }
    }

    /// <summary>Behind its end a file is zero.</summary>
    private static ReadOnlySpan<byte> SectorOf(byte[] content, int at) =>
        at < content.Length ? content.AsSpan(at, Geometry.SectorBytes) : new byte[Geometry.SectorBytes];
}
