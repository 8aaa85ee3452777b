using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport;

namespace ThinFuse.Fuse.Mounting;

/// <summary>How a file system is mounted. The mount is always nosuid and nodev.</summary>
public sealed record FuseMountOptions
{
    /// <summary>What is shown as the mount's source, such as the pool's path: the first field in /proc/mounts.</summary>
    public string Source { get; init; } = "thinfuse";

    /// <summary>What follows <c>fuse.</c> in the mount's type: letters, digits, '-' and '_'.</summary>
    public string Subtype { get; init; } = "thinfuse";

    /// <summary>Whether the kernel checks the permission bits, and ACCESS never arrives. On by default.</summary>
    public bool DefaultPermissions { get; init; } = true;

    /// <summary>Whether users other than the mounting one may use it, root among them; for non-root users only if /etc/fuse.conf says user_allow_other.</summary>
    public bool AllowOther { get; init; }

    /// <summary>The largest READ in bytes: a multiple of the page size up to 1 MiB, the default.</summary>
    public int MaxReadBytes { get; init; } = FuseRequest.DataCapacityBytes;

    /// <summary>By what means to mount.</summary>
    public FuseMountMethod Method { get; init; }

    /// <summary>How the session serves.</summary>
    public FuseSessionOptions Session { get; init; } = new();

    /// <summary>Throws <see cref="ArgumentException"/> for what no mount can have.</summary>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrEmpty(Source);
        ArgumentException.ThrowIfNullOrEmpty(Subtype);
        if (Subtype.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_')))
        {
            throw new ArgumentException($"'{Subtype}' is no subtype of a file system.");
        }

        if (MaxReadBytes is <= 0 or > FuseRequest.DataCapacityBytes || MaxReadBytes % FuseRequestMemory.PageBytes != 0)
        {
            throw new ArgumentException($"{MaxReadBytes} is no multiple of the page size up to 1 MiB.");
        }
    }
}
