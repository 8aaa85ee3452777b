using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>Snapshots inside one qcow2 image.</summary>
internal sealed class QcowInternalSnapshots(QemuMonitor monitor, string image) : ISnapshots
{
    /// <inheritdoc/>
    public long UsedBytes => LinuxFile.AllocatedBytes(image);

    /// <inheritdoc/>
    public void Create(string name) => monitor.Execute("blockdev-snapshot-internal-sync", new { device = QcowSubject.RootNode, name });

    /// <inheritdoc/>
    public void Delete(string name) => monitor.Execute("blockdev-snapshot-delete-internal-sync", new { device = QcowSubject.RootNode, name });
}
