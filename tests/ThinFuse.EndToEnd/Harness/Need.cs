namespace ThinFuse.EndToEnd.Harness;

/// <summary>What a test needs of the machine; where it is missing the test is skipped and says why.</summary>
internal static class Need
{
    /// <summary>A FUSE device that this process can open, and the helper that a non-root user mounts with.</summary>
    public static void Fuse()
    {
        Skip.IfNot(File.Exists("/dev/fuse"), "there is no /dev/fuse");
        using RawFile? device = RawFile.TryOpen("/dev/fuse", OpenFlags.ReadWrite, out int errno);
        Skip.If(device is null, $"/dev/fuse cannot be opened (errno {errno})");
        if (!Environment.IsPrivilegedProcess)
        {
            Tools("fusermount3");
        }
    }

    /// <summary>Root.</summary>
    public static void Root() => Skip.IfNot(Environment.IsPrivilegedProcess, "this test needs root");

    /// <summary>Loop devices, which only root can make.</summary>
    public static void Loop()
    {
        Root();
        Tools("losetup");
        Skip.IfNot(File.Exists("/dev/loop-control"), "this kernel has no loop devices");
    }

    /// <summary>Programs.</summary>
    public static void Tools(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => !Tool.Exists(program))];
        Skip.If(missing.Length > 0, $"not installed: {string.Join(", ", missing)}");
    }

    /// <summary>A filesystem of the kernel, built in or as a module.</summary>
    public static void Filesystem(string type)
    {
        if (!IsKnown(type))
        {
            if (Tool.Exists("modprobe"))
            {
                Tool.Run("modprobe", type);
            }

            Skip.IfNot(IsKnown(type), $"this kernel has no {type}");
        }
    }

    private static bool IsKnown(string type) =>
        File.ReadLines("/proc/filesystems").Any(line => line.Split('\t')[^1] == type);
}
