namespace ThinFuse.EndToEnd.Harness;

/// <summary>The loop devices of this machine and the files behind them.</summary>
internal static class LoopDevices
{
    /// <summary>The devices whose files lie below a directory. Asks the kernel for names only, so a dead mount does no harm.</summary>
    public static IReadOnlyList<string> Below(string directory) =>
        [.. Directory.EnumerateDirectories("/sys/block", "loop*")
            .Where(device => BackingFile(device)?.StartsWith(directory + "/", StringComparison.Ordinal) == true)
            .Select(device => "/dev/" + Path.GetFileName(device))];

    private static string? BackingFile(string device)
    {
        try
        {
            return File.ReadAllText(device + "/loop/backing_file").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not attached, or being detached at this moment.
            return null;
        }
    }
}
