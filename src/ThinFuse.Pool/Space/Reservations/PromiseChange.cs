using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Space.Reservations;

/// <summary>A change of a volume that changes what must be kept ready for it.</summary>
/// <param name="Volume">The volume; its gate is closed.</param>
/// <param name="SizeBytes">Its size afterwards.</param>
/// <param name="Promise">What is promised to it afterwards.</param>
/// <param name="HasFreshHead">Whether it gets a new head layer, which owns nothing yet.</param>
/// <param name="Head">The other layer with content that becomes its head; null when it keeps its own, or gets a fresh one.</param>
internal readonly record struct PromiseChange(Volume Volume, long SizeBytes, VolumePromise Promise, bool HasFreshHead = false, Layer? Head = null)
{
    /// <summary>A fresh head layer; all else stays, but perhaps the size.</summary>
    public static PromiseChange FreshHead(Volume volume, long? sizeBytes = null) =>
        new(volume, sizeBytes ?? volume.Record.SizeBytes, volume.Promise, HasFreshHead: true);

    /// <summary>Another size.</summary>
    public static PromiseChange Size(Volume volume, long sizeBytes) => new(volume, sizeBytes, volume.Promise);

    /// <summary>Another promise.</summary>
    public static PromiseChange To(Volume volume, VolumePromise promise) => new(volume, volume.Record.SizeBytes, promise);
}
