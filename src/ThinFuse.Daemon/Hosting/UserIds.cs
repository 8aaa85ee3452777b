using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Hosting;

/// <summary>The user that this process runs as.</summary>
internal static partial class UserIds
{
    /// <summary>Effective user id.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>Effective group id.</summary>
    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();
}
