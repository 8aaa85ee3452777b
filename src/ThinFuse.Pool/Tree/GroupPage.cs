namespace ThinFuse.Pool.Tree;

/// <summary>Which of 4096 neighbouring groups are in a <see cref="GroupSet"/>.</summary>
/// <param name="number">The first group, divided by 4096.</param>
/// <param name="words">64 words of bits.</param>
internal sealed class GroupPage(long number, ulong[] words)
{
    public const int Shift = 12;
    public const int WordCount = (1 << Shift) / 64;

    public long Number => number;

    public ulong[] Words => words;

    public bool IsEmpty
    {
        get
        {
            foreach (ulong word in words)
            {
                if (word != 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    public static int WordOf(long group) => (int)(group & ((1 << Shift) - 1)) >> 6;

    public static ulong BitOf(long group) => 1UL << (int)(group & 63);
}
