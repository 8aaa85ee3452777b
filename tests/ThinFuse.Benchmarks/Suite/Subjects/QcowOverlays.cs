using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>Snapshots as external overlays with extended L2 entries, which track sub-clusters: the fastest that qcow2 knows after a snapshot.</summary>
/// <param name="monitor">The daemon's.</param>
/// <param name="home">Where overlays go.</param>
/// <param name="image">The image that the export begins with, open as <see cref="QcowSubject.RootNode"/>.</param>
/// <param name="cancel">Ends waiting for jobs.</param>
internal sealed class QcowOverlays(QemuMonitor monitor, string home, string image, CancellationToken cancel) : ISnapshots
{
    /// <summary>What the images are created with.</summary>
    public const string CreateOptions = "extended_l2=on,cluster_size=128k";

    /// <summary>How their files are called.</summary>
    public const string FilePattern = "overlay-*.qcow2";

    // From the oldest state to the one that is written.
    private readonly List<(string Node, string Path)> _chain = [(QcowSubject.RootNode, image)];

    /// <inheritdoc/>
    public long UsedBytes => _chain.Sum(state => LinuxFile.AllocatedBytes(state.Path));

    /// <inheritdoc/>
    public void Create(string name)
    {
        (string top, string below) = _chain[^1];
        string node = $"overlay-{_chain.Count}";
        string path = Path.Combine(home, $"{node}.qcow2");
        Shell.Run(cancel, "qemu-img", "create", "-q", "-f", "qcow2", "-o", CreateOptions, "-b", below, "-F", "qcow2", path);
        monitor.Execute("blockdev-add", new Dictionary<string, object?>
        {
            ["driver"] = "qcow2",
            ["node-name"] = node,
            ["discard"] = "unmap",
            ["backing"] = null,
            ["file"] = new Dictionary<string, object?>
            {
                ["driver"] = "file",
                ["filename"] = path,
                ["discard"] = "unmap",
                ["aio"] = "native",
                ["cache"] = new Dictionary<string, object?> { ["direct"] = true },
            },
            ["cache"] = new Dictionary<string, object?> { ["direct"] = true },
        });
        monitor.Execute("blockdev-snapshot", new { node = top, overlay = node });
        _chain.Add((node, path));
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: the storage daemon of QEMU 7.2 dies of block-stream.</exception>
    public void Delete(string name) => throw new NotSupportedException("the storage daemon of QEMU 7.2 dies of block-stream, which removes an overlay");
}
