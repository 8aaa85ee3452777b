using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Pool.Storage;

/// <summary>The beginning of struct statfs, and the kinds of filesystems (linux/magic.h) whose files another program or machine serves.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct FilesystemType
{
    private const long Fuse = 0x65735546;
    private const long Nfs = 0x6969;
    private const long Cifs = 0xFF534D42;
    private const long Smb2 = 0xFE534D42;
    private const long Plan9 = 0x01021997;
    private const long Ceph = 0x00C36400;

    /// <summary>f_type.</summary>
    internal long Type;

    /// <summary>Whether an open file is one of theirs; false where the host does not say.</summary>
    internal static unsafe bool IsRemote(SafeFileHandle file)
    {
        FilesystemType host = default;
        return LibC.FStatFs(file, &host) == 0 && host.Type is Fuse or Nfs or Cifs or Smb2 or Plan9 or Ceph;
    }
}
