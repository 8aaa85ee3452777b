namespace ThinFuse.Benchmarks.Tools;

/// <summary>Mounts of this program.</summary>
internal static class MountPoints
{
    /// <summary>Whether something is mounted there.</summary>
    public static bool IsMounted(string path) => File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == path);

    /// <summary>Unmounts, also with what still uses it; does nothing when nothing is mounted.</summary>
    public static void Unmount(string path)
    {
        if (!IsMounted(path))
        {
            return;
        }

        bool isRoot = Environment.UserName == "root";
        (int code, _, string error) = isRoot
            ? Shell.TryRun(CancellationToken.None, "umount", path)
            : Shell.TryRun(CancellationToken.None, "fusermount3", "-u", path);
        if (code != 0)
        {
            Console.Error.WriteLine($"{path} is in use ({error.Trim()}); detaching it");
            string[] lazily = isRoot ? ["umount", "--lazy", path] : ["fusermount3", "-u", "-z", path];
            Shell.Run(CancellationToken.None, lazily[0], lazily[1..]);
        }
    }
}
