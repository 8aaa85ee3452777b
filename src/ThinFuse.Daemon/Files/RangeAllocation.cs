using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>fallocate(2) on a volume.</summary>
/// <remarks>
/// A hole is punched, and zeros are made, by giving the space back. Provisioning (mode 0 and KEEP_SIZE) and unsharing take the space now: the
/// volume's own layer then holds every block of the range, and overwriting it needs none, until a snapshot shares it. Nothing is held behind
/// the end of a file: there KEEP_SIZE is EOPNOTSUPP.
/// </remarks>
internal static class RangeAllocation
{
    /// <summary>Does it, or throws.</summary>
    /// <exception cref="FuseException">EOPNOTSUPP, EROFS, EFBIG; EINVAL where a file would get a size that is not a multiple of
    /// 512.</exception>
    public static void Apply(VolumeHandle volume, long offsetBytes, long lengthBytes, FuseFallocateModes mode)
    {
        if (volume.IsReadOnly)
        {
            throw new FuseException(FuseErrno.EROFS);
        }

        switch (mode)
        {
            case FuseFallocateModes.PunchHole | FuseFallocateModes.KeepSize:
            case FuseFallocateModes.ZeroRange | FuseFallocateModes.KeepSize:
                Zero(volume, offsetBytes, lengthBytes);
                break;
            case FuseFallocateModes.ZeroRange:
                Extend(volume, offsetBytes + lengthBytes);
                Zero(volume, offsetBytes, lengthBytes);
                break;
            case FuseFallocateModes.Provision:
            case FuseFallocateModes.UnshareRange:
                Extend(volume, offsetBytes + lengthBytes);
                volume.Allocate(offsetBytes, lengthBytes);
                break;
            case FuseFallocateModes.KeepSize when offsetBytes + lengthBytes <= volume.SizeBytes:
            case FuseFallocateModes.UnshareRange | FuseFallocateModes.KeepSize when offsetBytes + lengthBytes <= volume.SizeBytes:
                volume.Allocate(offsetBytes, lengthBytes);
                break;
            default:
                throw new FuseException(FuseErrno.EOPNOTSUPP);
        }
    }

    private static void Zero(VolumeHandle volume, long offsetBytes, long lengthBytes)
    {
        long end = Math.Min(volume.SizeBytes, offsetBytes + lengthBytes);
        if (offsetBytes < end)
        {
            volume.Punch(offsetBytes, end - offsetBytes);
        }
    }

    private static void Extend(VolumeHandle volume, long endBytes)
    {
        if (endBytes <= volume.SizeBytes)
        {
            return;
        }

        int refusal = endBytes > Geometry.MaxVolumeBytes ? FuseErrno.EFBIG : endBytes % Geometry.SectorBytes != 0 ? FuseErrno.EINVAL : 0;
        if (refusal != 0)
        {
            throw new FuseException(refusal);
        }

        volume.Extend(endBytes);
    }
}
