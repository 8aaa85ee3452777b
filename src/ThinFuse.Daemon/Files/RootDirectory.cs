using System.Text;
using ThinFuse.Daemon.Tree;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>The names in the root of the mount: volumes, snapshots, and .thinfuse. Thread-safe; refusals are exceptions.</summary>
internal sealed class RootDirectory(ThinPool pool)
{
    /// <summary>Makes a volume of size 0; durable when this returns.</summary>
    /// <exception cref="FuseException">EINVAL or ENAMETOOLONG: the name is not one of a volume.</exception>
    /// <exception cref="PoolException">Exists: the name is taken.</exception>
    public VolumeInfo Create(string name, uint mode)
    {
        if (name == StatusTree.Name)
        {
            throw new FuseException(FuseErrno.EEXIST);
        }

        ThrowIf(NameRules.Check(name, VolumeKind.Volume));
        return pool.CreateVolume(name, 0, (int)(mode & FilePermissions));
    }

    /// <summary>Deletes a volume or snapshot; files that are open on it live on. Durable when this returns.</summary>
    public void Unlink(string name)
    {
        if (name == StatusTree.Name)
        {
            throw new FuseException(FuseErrno.EPERM);
        }

        pool.Delete(name);
    }

    /// <summary>Renames a volume or snapshot, which keeps its inode; never onto a name that is taken. Durable when this returns.</summary>
    public void Rename(string from, string to, FuseRenameFlags flags)
    {
        ThrowIf((flags & ~FuseRenameFlags.NoReplace) != 0 ? FuseErrno.EINVAL : 0);
        ThrowIf(from == StatusTree.Name ? FuseErrno.EPERM : 0);
        ThrowIf(to == StatusTree.Name ? FuseErrno.EEXIST : 0);
        VolumeInfo volume = pool.Find(from) ?? throw new FuseException(FuseErrno.ENOENT);
        ThrowIf(NameRules.Check(to, volume.Kind));
        pool.Rename(from, to);
    }

    /// <summary>The names, and what they stand for, without "." and "..".</summary>
    public IEnumerable<(string Name, ulong NodeId)> List() =>
        pool.Volumes(withExclusive: false)
            .Select(volume => (volume.Name, NodeIds.OfVolume(volume.Id)))
            .Prepend((StatusTree.Name, TreeNode.Root.NodeId));

    /// <summary>The node that a name stands for, or null.</summary>
    public ulong? Find(string name) =>
        name == StatusTree.Name ? TreeNode.Root.NodeId : pool.Find(name) is { } volume ? NodeIds.OfVolume(volume.Id) : null;

    /// <summary>A name as the kernel gave it. Bytes that are not UTF-8 become characters that no name has.</summary>
    public static string Decode(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(name);

    /// <summary>The permission bits that a volume keeps: no set-user-id, no sticky bit.</summary>
    public const uint FilePermissions = 0x1FF;

    private static void ThrowIf(int errno)
    {
        if (errno != 0)
        {
            throw new FuseException(errno);
        }
    }
}
