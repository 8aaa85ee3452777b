using Microsoft.Win32.SafeHandles;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A file on a filesystem that shares extents between copies, itself on a loop device: a snapshot is a reflink copy.</summary>
internal sealed class ReflinkSubject(string filesystem, SuiteContext context) : Subject(filesystem, context), ISnapshots, IManyFiles
{
    private LoopDevice? _device;
    private long _overheadBytes;

    /// <inheritdoc/>
    public override string File => Path.Combine(MountPoint, "disk");

    /// <inheritdoc/>
    public override ISnapshots Snapshots => this;

    /// <inheritdoc/>
    public long UsedBytes
    {
        get
        {
            Shell.Run(Cancel, "sync", "--file-system", MountPoint);
            DriveInfo drive = new(MountPoint);
            return drive.TotalSize - drive.TotalFreeSpace;
        }
    }

    /// <inheritdoc/>
    public override long OverheadBytes => _overheadBytes;

    private string MountPoint => Path.Combine(Home, "mnt");

    private string Image => Path.Combine(Home, "image");

    private bool IsBtrfs => Name == "btrfs";

    /// <inheritdoc/>
    public override string? WhyNot() =>
        Environment.UserName != "root" ? "needs root, for a loop device" : Missing($"mkfs.{Name}", "losetup");

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => SuiteContext.PoolBytes(volumeBytes);

    /// <inheritdoc/>
    public override void Open()
    {
        base.Open();
        Directory.CreateDirectory(MountPoint);

        // Space taken once and kept, as a pool does it: discards would have the host filesystem punch holes for minutes.
        Shell.Run(Cancel, "fallocate", "--length", $"{SuiteContext.PoolBytes(Context.Options.SizeBytes)}", Image);
        Shell.Run(Cancel, Shell.Find($"mkfs.{Name}")!, "-q", "-K", Image);
        _device = LoopDevice.Attach(Image, Cancel);
        Shell.Run(Cancel, "mount", "-t", Name, "-o", "noatime", _device.Path, MountPoint);
        _overheadBytes = UsedBytes;
    }

    /// <inheritdoc/>
    protected override void Replace(long sizeBytes)
    {
        foreach (string path in Directory.GetFiles(MountPoint))
        {
            System.IO.File.Delete(path);
        }

        MakeFile(File, sizeBytes);
        Shell.Run(Cancel, "sync", "--file-system", MountPoint);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> MakeFiles(int count, long sizeBytes)
    {
        string[] files = [.. Enumerable.Range(1, count).Select(number => $"{File}-{number}")];
        foreach (string file in files)
        {
            MakeFile(file, sizeBytes);
        }

        return files;
    }

    /// <inheritdoc/>
    public void Create(string name)
    {
        using SafeFileHandle source = System.IO.File.OpenHandle(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        string path = PathOf(name);
        using FileStream target = new(path, FileMode.CreateNew);
        if (IsBtrfs)
        {
            Shell.Run(Cancel, "chattr", "+C", path);
        }

        LinuxFile.Clone(source, target.SafeFileHandle);
    }

    /// <inheritdoc/>
    public void Delete(string name) => System.IO.File.Delete(PathOf(name));

    /// <inheritdoc/>
    protected override void Close()
    {
        MountPoints.Unmount(MountPoint);
        _device?.Dispose();
        System.IO.File.Delete(Image);
    }

    private void MakeFile(string path, long sizeBytes)
    {
        using FileStream file = new(path, FileMode.CreateNew);
        if (IsBtrfs)
        {
            // nodatacow, which counts only for a file that is still empty.
            Shell.Run(Cancel, "chattr", "+C", path);
        }

        file.SetLength(sizeBytes);
    }

    private string PathOf(string name) => Path.Combine(MountPoint, $"disk@{name}");
}
