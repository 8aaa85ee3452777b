namespace ThinFuse.Fuse.Mounting;

/// <summary>The FUSE control file system. Its files belong to the mounting user; it is not mounted everywhere.</summary>
internal static class ControlFileSystem
{
    /// <summary>Aborts a mount's connection; false when that is not possible.</summary>
    public static bool TryAbort(MountTableEntry mount)
    {
        try
        {
            File.WriteAllText($"/sys/fs/fuse/connections/{mount.ConnectionNumber}/abort", "1");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
