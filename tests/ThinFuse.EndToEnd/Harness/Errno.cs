namespace ThinFuse.EndToEnd.Harness;

/// <summary>Error numbers that tests ask for.</summary>
internal static class Errno
{
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EINVAL = 22;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int ENAMETOOLONG = 36;
    public const int EOPNOTSUPP = 95;
    public const int ENOTCONN = 107;
}
