using ThinFuse.Fuse.Mounting;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>A fresh directory to mount on; removes every mount that a test leaves on it.</summary>
internal sealed class MountPoint : IDisposable
{
    private const string Device = "/dev/fuse";

    public MountPoint()
    {
        Skip.IfNot(File.Exists(Device), $"{Device} is missing");
        Skip.IfNot(Environment.UserName == "root", "mounting and changing users needs root");

        // As distributions ship it: any user may open the device.
        Shell.Run("chmod 666 \"$1\"", Device);
        Path = Directory.CreateTempSubdirectory("thinfuse-mount-").FullName;
    }

    public string Path { get; }

    public string File1 => System.IO.Path.Combine(Path, "file1");

    public bool IsMounted => MountTable.FindAt(Path) != null;

    public void Dispose()
    {
        while (IsMounted)
        {
            Shell.Run("umount -f \"$1\" || umount -l \"$1\"", Path);
        }

        Directory.Delete(Path);
    }
}
