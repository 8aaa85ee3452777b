using System.Numerics;

namespace ThinFuse.Cli.Values;

/// <summary>The chunk size of a new pool.</summary>
internal static class ChunkSize
{
    public const int DefaultBytes = 64 << 10;
    public const int MinBytes = 4 << 10;
    public const int MaxBytes = 16 << 20;

    /// <summary>Reads a power of two from 4K to 16M.</summary>
    public static bool TryParse(string text, out int bytes, out string problem)
    {
        bytes = 0;
        if (!Size.TryParse(text, out long size, out problem))
        {
            return false;
        }

        if (size is < MinBytes or > MaxBytes || !BitOperations.IsPow2(size))
        {
            problem = $"'{text}' is not a chunk size; give a power of two from 4K to 16M";
            return false;
        }

        bytes = (int)size;
        return true;
    }
}
