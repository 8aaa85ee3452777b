namespace ThinFuse.EndToEnd.Harness;

/// <summary>A filesystem and its own ways.</summary>
/// <param name="Name">The kernel's name of it.</param>
/// <param name="MakeArguments">Arguments of mkfs for small devices.</param>
/// <param name="SnapshotOptions">Mount options for a read-only snapshot that was taken while mounted, beside its origin.</param>
/// <param name="Check">The command that says whether an unmounted device is clean; the device is appended.</param>
internal sealed record FilesystemKind(string Name, IReadOnlyList<string> MakeArguments, string SnapshotOptions, IReadOnlyList<string> Check)
{
    public static readonly FilesystemKind Ext4 = new("ext4", ["-q", "-F"], "ro,noload", ["e2fsck", "-f", "-n"]);

    public static readonly FilesystemKind Xfs = new("xfs", ["-q", "-f"], "ro,norecovery,nouuid", ["xfs_repair", "-n"]);

    public static readonly FilesystemKind Btrfs = new("btrfs", ["-q", "-f"], "ro", ["btrfs", "check", "--readonly"]);

    /// <summary>Of a name.</summary>
    public static FilesystemKind Of(string name) => new[] { Ext4, Xfs, Btrfs }.Single(kind => kind.Name == name);

    /// <summary>Skips the test where it cannot be used.</summary>
    public void Require()
    {
        Need.Tools("mkfs." + Name, Check[0]);
        Need.Filesystem(Name);
    }
}
