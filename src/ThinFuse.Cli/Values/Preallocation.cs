using ThinFuse.Pool;

namespace ThinFuse.Cli.Values;

/// <summary>What new node files take from the host filesystem at once.</summary>
internal static class Preallocation
{
    /// <summary>The words that can be given.</summary>
    public const string Words = "off|falloc|full";

    /// <summary>Reads one of <see cref="Words"/>.</summary>
    public static bool TryParse(string text, out NodePreallocation preallocation, out string problem)
    {
        (bool isKnown, preallocation) = text switch
        {
            "off" => (true, NodePreallocation.Off),
            "falloc" => (true, NodePreallocation.Falloc),
            "full" => (true, NodePreallocation.Full),
            _ => (false, NodePreallocation.Falloc),
        };
        problem = isKnown ? "" : $"'{text}' is no preallocation; give one of {Words}";
        return isKnown;
    }
}
