namespace ThinFuse.Fuse.Wire;

/// <summary>Flags of setxattr(2).</summary>
[Flags]
public enum FuseSetExtendedAttributeFlags : uint
{
    /// <summary>Created or replaced.</summary>
    None = 0,

    /// <summary>EEXIST when it exists (XATTR_CREATE).</summary>
    Create = 1,

    /// <summary>ENODATA when it does not exist (XATTR_REPLACE).</summary>
    Replace = 2,
}
