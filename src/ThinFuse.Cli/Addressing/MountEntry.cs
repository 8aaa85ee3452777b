namespace ThinFuse.Cli.Addressing;

/// <summary>One line of the kernel's mount table.</summary>
/// <param name="Device">The device number as the kernel writes it, <c>7:0</c>.</param>
/// <param name="MountPoint">Where, absolute.</param>
/// <param name="Type">The filesystem type, such as <c>fuse.thinfuse</c>.</param>
/// <param name="Source">What is mounted; for thinfuse the pool directory, absolute.</param>
/// <param name="Options">Options of the filesystem, such as <c>user_id=0</c>.</param>
internal sealed record MountEntry(string Device, string MountPoint, string Type, string Source, IReadOnlyList<string> Options)
{
    /// <summary>The type under which pools are mounted.</summary>
    public const string ThinFuseType = "fuse.thinfuse";

    public bool IsThinFuse => Type == ThinFuseType;
}
