using System.Runtime.InteropServices;
using System.Text;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>Reads /proc/self/mountinfo. Finding asks no file system, so a dead mount does not get in its way.</summary>
internal static class MountTable
{
    private const string MountInfoPath = "/proc/self/mountinfo";
    private const int DeviceField = 2;
    private const int MountPointField = 4;
    private const int LargerThanStatFsBytes = 512;

    /// <summary>The topmost mount of a path, or null.</summary>
    public static MountTableEntry? FindAt(string mountPoint) => Read().LastOrDefault(entry => entry.MountPoint == mountPoint);

    /// <summary>A mount of a file system, the one at the given path if there is one; or null.</summary>
    public static MountTableEntry? FindDevice(string device, string mountPoint)
    {
        MountTableEntry[] mounts = [.. Read().Where(entry => entry.Device == device)];
        return mounts.LastOrDefault(entry => entry.MountPoint == mountPoint) ?? mounts.LastOrDefault();
    }

    /// <summary>Whether a mount's server has gone.</summary>
    public static unsafe bool IsDead(MountTableEntry mount)
    {
        byte* result = stackalloc byte[LargerThanStatFsBytes];
        return Libc.StatFs(mount.MountPoint, result) < 0 && Marshal.GetLastPInvokeError() == FuseErrno.ENOTCONN;
    }

    /// <summary>Takes a line of mountinfo apart; null for what is not one.</summary>
    public static MountTableEntry? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-");
        return separator > MountPointField && separator + 1 < fields.Length
            ? new MountTableEntry(fields[DeviceField], Unescape(fields[MountPointField]), fields[separator + 1])
            : null;
    }

    private static IEnumerable<MountTableEntry> Read() => File.ReadLines(MountInfoPath).Select(Parse).OfType<MountTableEntry>();

    /// <summary>Space, tab, newline and backslash are written as a backslash and three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\'))
        {
            return text;
        }

        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
