namespace ThinFuse.Fuse.Wire;

/// <summary>The file-type bits of a mode (S_IF*).</summary>
public static class FuseMode
{
    /// <summary>The bits that hold the type.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>A regular file.</summary>
    public const uint Regular = 0x8000;

    /// <summary>A directory.</summary>
    public const uint Directory = 0x4000;

    /// <summary>A symbolic link.</summary>
    public const uint SymbolicLink = 0xA000;

    /// <summary>The bits that chmod changes.</summary>
    public const uint PermissionMask = 0x0FFF;
}
