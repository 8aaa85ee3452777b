namespace ThinFuse.Fuse.Mounting;

/// <summary>A mount as this process sees it.</summary>
/// <param name="Device">The file system's device number, <c>major:minor</c>: no two FUSE connections have the same at a time.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Type">The file system's type.</param>
internal sealed record MountTableEntry(string Device, string MountPoint, string Type);
