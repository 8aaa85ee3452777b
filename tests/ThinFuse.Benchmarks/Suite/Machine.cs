namespace ThinFuse.Benchmarks.Suite;

/// <summary>Where numbers come from.</summary>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Cores">How many it runs on.</param>
/// <param name="MemoryBytes">Memory of the machine.</param>
/// <param name="Filesystem">The host filesystem below everything.</param>
/// <param name="FreeBytes">Its free space.</param>
internal sealed record Machine(string Kernel, int Cores, long MemoryBytes, string Filesystem, long FreeBytes)
{
    /// <summary>Looks around.</summary>
    /// <param name="directory">An existing directory, or one whose parent exists.</param>
    public static Machine Look(string directory)
    {
        Directory.CreateDirectory(directory);
        DriveInfo drive = DriveInfo.GetDrives()
            .Where(drive => (directory + '/').StartsWith(drive.Name.TrimEnd('/') + '/', StringComparison.Ordinal))
            .MaxBy(drive => drive.Name.Length)!;
        return new Machine(
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            drive.DriveFormat,
            drive.AvailableFreeSpace);
    }
}
