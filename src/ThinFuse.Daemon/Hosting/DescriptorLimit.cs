using System.Runtime.InteropServices;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Hosting;

/// <summary>How many files the daemon may have open.</summary>
/// <remarks>
/// Files of the mount need none, and clients of the control API are limited, so that the need has a bound. Below it nobody is served at all: the runtime ends
/// the process when it wants a descriptor for itself and there is none, and that must not come later.
/// </remarks>
internal static unsafe partial class DescriptorLimit
{
    /// <summary>What is enough for 255 nodes, the metadata, and as many clients as there may be.</summary>
    public const long Needed = 1024;

    private const int OpenFiles = 7;

    /// <summary>Refuses to go on with fewer. The runtime has raised the soft limit to the hard one.</summary>
    /// <exception cref="PoolException">Failed: the limit is too low.</exception>
    public static void Require()
    {
        nuint* limit = stackalloc nuint[2];
        if (GetLimit(OpenFiles, limit) == 0 && limit[0] < (nuint)Needed)
        {
            throw new PoolException(
                PoolErrorKind.Failed, $"this process may have {limit[0]} files open, and needs {Needed}; raise the limit ('ulimit -Hn', LimitNOFILE= of a unit)");
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, nuint* limit);
}
