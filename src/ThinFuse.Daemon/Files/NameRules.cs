using ThinFuse.Fuse.Wire;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>Which new names a volume or snapshot may get through the file view, and the errno for those it may not.</summary>
internal static class NameRules
{
    /// <summary>Checks a name.</summary>
    /// <returns>0; ENAMETOOLONG when a part is too long, whatever else is wrong with it; otherwise EINVAL.</returns>
    public static int Check(string name, VolumeKind kind)
    {
        bool isGood = kind == VolumeKind.Volume ? VolumeName.IsVolume(name) : VolumeName.IsSnapshot(name);
        if (isGood)
        {
            return 0;
        }

        return name.Split('@').Any(part => part.Length > VolumeName.MaxPartLength) ? FuseErrno.ENAMETOOLONG : FuseErrno.EINVAL;
    }
}
