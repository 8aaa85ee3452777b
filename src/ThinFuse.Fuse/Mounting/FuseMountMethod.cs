namespace ThinFuse.Fuse.Mounting;

/// <summary>By what means a file system is mounted and unmounted.</summary>
public enum FuseMountMethod
{
    /// <summary>The system call when the effective user is root, else the helper.</summary>
    Automatic,

    /// <summary>mount(2) and umount2(2); needs CAP_SYS_ADMIN.</summary>
    SystemCall,

    /// <summary>The set-user-id program fusermount3, which any user may run on a mount point that is his.</summary>
    Helper,
}
