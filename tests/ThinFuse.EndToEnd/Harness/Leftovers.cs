namespace ThinFuse.EndToEnd.Harness;

/// <summary>Takes away whatever a run left: filesystems, loop devices, daemons, mounts, files; touches nothing outside the run's directory.</summary>
internal static class Leftovers
{
    private const int KillSignal = 9;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Removes it all. A daemon that hangs is killed, so that what stands on it can be taken down.</summary>
    public static void Remove(string run)
    {
        // From the top down: filesystems on loop devices, the devices, then the daemons and their mounts.
        foreach (MountEntry mount in MountEntry.Below(run).Reverse().Where(mount => !IsFuse(mount)))
        {
            Detach(mount.Path);
        }

        foreach (string device in LoopDevices.Below(run))
        {
            Tool.Run(Patience, "losetup", ["--detach", device]);
        }

        foreach (int pid in Scratch.RecordedProcesses(run).Where(pid => Belongs(pid, run)))
        {
            Kill(pid);
        }

        foreach (MountEntry mount in MountEntry.Below(run).Reverse())
        {
            Detach(mount.Path);
        }

        Directory.Delete(run, recursive: true);
    }

    /// <summary>Whether a recorded number still means a process of that run: its command line names the run's directory.</summary>
    public static bool Belongs(int pid, string directory)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(directory, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    /// <summary>Ends a process at once, and waits until it is gone.</summary>
    public static void Kill(int pid, int signal = KillSignal)
    {
        using ProcessEnd? end = ProcessEnd.TryOf(pid);
        if (end is not null)
        {
            Posix.Kill(pid, signal);
            end.Wait(Patience);
        }
    }

    /// <summary>Waits until a process that is about to end is gone.</summary>
    public static void Await(int pid)
    {
        using ProcessEnd? end = ProcessEnd.TryOf(pid);
        end?.Wait(Patience);
    }

    private static bool IsFuse(MountEntry mount) => mount.Type.StartsWith("fuse", StringComparison.Ordinal);

    private static void Detach(string path)
    {
        if (Environment.IsPrivilegedProcess)
        {
            // -l: what still uses it must not keep the rest from being taken down.
            Tool.Run(Patience, "umount", ["-l", path]);
        }
        else
        {
            Tool.Run(Patience, "fusermount3", ["-u", "-z", path]);
        }
    }
}
