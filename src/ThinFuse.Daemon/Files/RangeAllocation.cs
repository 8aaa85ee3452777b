using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>fallocate(2) on a volume.</summary>
/// <remarks>
/// A hole is punched by giving the space back. Provisioning (mode 0 and KEEP_SIZE) and unsharing promise that the chunks of the range can always be
/// overwritten, and write nothing; zeros are made by giving the space back and promising the range. Nothing is promised behind the last chunk of a
/// file: KEEP_SIZE ends there.
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
                Punch(volume, offsetBytes, lengthBytes);
                break;
            case FuseFallocateModes.ZeroRange | FuseFallocateModes.KeepSize:
                volume.ProvisionZeros(offsetBytes, lengthBytes);
                break;
            case FuseFallocateModes.ZeroRange:
                CheckEnd(volume, offsetBytes + lengthBytes);
                volume.ProvisionZeros(offsetBytes, lengthBytes, grows: true);
                break;
            case FuseFallocateModes.Provision:
            case FuseFallocateModes.UnshareRange:
                CheckEnd(volume, offsetBytes + lengthBytes);
                volume.Provision(offsetBytes, lengthBytes, grows: true);
                break;
            case FuseFallocateModes.KeepSize:
            case FuseFallocateModes.UnshareRange | FuseFallocateModes.KeepSize:
                volume.Provision(offsetBytes, lengthBytes);
                break;
            default:
                throw new FuseException(FuseErrno.EOPNOTSUPP);
        }
    }

    private static void Punch(VolumeHandle volume, long offsetBytes, long lengthBytes)
    {
        long end = Math.Min(volume.SizeBytes, offsetBytes + lengthBytes);
        if (offsetBytes < end)
        {
            volume.Punch(offsetBytes, end - offsetBytes);
        }
    }

    private static void CheckEnd(VolumeHandle volume, long endBytes)
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
    }
}
