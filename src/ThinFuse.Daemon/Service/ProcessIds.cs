using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Service;

/// <summary>Processes around this one.</summary>
internal static partial class ProcessIds
{
    /// <summary>The process that started this one, or has taken its place as the parent.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int Parent();
}
