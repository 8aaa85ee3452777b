using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Privileges;

/// <summary>What the files that this process makes, and the programs that it starts, are not: open to others.</summary>
public static partial class FileModeMask
{
    private const uint GroupAndOthers = 0x3F; // 0077

    /// <summary>Has new files be their owner's alone, whatever mode they are made with; for the whole process. Safe to call again.</summary>
    public static void CloseToOthers() => _ = Mask(GroupAndOthers);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Mask(uint mask);
}
