namespace ThinFuse.EndToEnd.Harness;

/// <summary>A filesystem on a loop device of a volume.</summary>
internal sealed class LoopFilesystem(string device, FilesystemKind kind, string mountPoint)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Where it is mounted.</summary>
    public string MountPoint => mountPoint;

    /// <summary>Whether it is.</summary>
    public bool IsMounted => MountEntry.IsMounted(mountPoint);

    /// <summary>Makes a new filesystem.</summary>
    public void Make() => Tool.Run(Patience, "mkfs." + kind.Name, [.. kind.MakeArguments, device]).MustSucceed();

    /// <summary>Mounts it.</summary>
    public void Mount(string options = "rw") => Tool.Run(Patience, "mount", ["-t", kind.Name, "-o", options, device, mountPoint]).MustSucceed();

    /// <summary>Mounts a snapshot read-only beside its origin.</summary>
    public void MountSnapshot() => Mount(kind.SnapshotOptions);

    /// <summary>Unmounts it.</summary>
    public void Unmount() => Tool.Run(Patience, "umount", [mountPoint]).MustSucceed();

    /// <summary>Fails the test unless the unmounted filesystem is clean.</summary>
    public void MustBeClean() => Tool.Run(Patience, kind.Check[0], [.. kind.Check.Skip(1), device]).MustSucceed();

    /// <summary>The path of a file in it.</summary>
    public string PathOf(string name) => Path.Combine(mountPoint, name);
}
