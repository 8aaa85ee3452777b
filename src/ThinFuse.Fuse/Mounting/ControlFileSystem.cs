namespace ThinFuse.Fuse.Mounting;

/// <summary>The FUSE control file system. Its files belong to the mounting user; it is not mounted everywhere.</summary>
internal static class ControlFileSystem
{
    /// <summary>Aborts a connection; false when that is not possible.</summary>
    /// <param name="device">The mount's device number, <c>major:minor</c>; the minor is the connection's number.</param>
    public static bool TryAbort(string device)
    {
        try
        {
            File.WriteAllText($"/sys/fs/fuse/connections/{device[(device.IndexOf(':') + 1)..]}/abort", "1");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
