namespace ThinFuse.Cli.Values;

/// <summary>How fast a job may copy, as users write it: a size a second, or <c>none</c> for no limit.</summary>
internal static class Rate
{
    /// <summary>The word for no limit.</summary>
    public const string NoLimit = "none";

    /// <summary>Reads bytes a second; 0 for no limit.</summary>
    public static bool TryParse(string text, out long bytesPerSecond, out string problem)
    {
        (bytesPerSecond, problem) = (0, "");
        return text == NoLimit || Size.TryParse(text, out bytesPerSecond, out problem);
    }
}
