using System.Runtime.InteropServices;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Flags of open(2), with the kernel's values for this machine.</summary>
internal static class OpenFlags
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;

    /// <summary>Past the page cache.</summary>
    public static readonly int Direct = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;
}
