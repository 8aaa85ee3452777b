namespace ThinFuse.EndToEnd.Harness;

/// <summary>A host filesystem of a few MiB, in memory, for node files.</summary>
internal sealed class MemoryHost : IDisposable
{
    /// <summary>Mounts it.</summary>
    public MemoryHost(Scratch scratch, string size)
    {
        Need.Root();
        MountPoint = scratch.NewDirectory("host");
        Tool.Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", MountPoint).MustSucceed();
    }

    /// <summary>Where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>Bytes in use.</summary>
    public long UsedBytes => long.Parse(
        Tool.Run("df", "--block-size=1", "--output=used", MountPoint).MustSucceed().Output.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The path of a file in it.</summary>
    public string PathOf(string name) => Path.Combine(MountPoint, name);

    /// <summary>Unmounts it; nothing of it is left.</summary>
    public void Dispose() => Tool.Run("umount", MountPoint).MustSucceed();
}
