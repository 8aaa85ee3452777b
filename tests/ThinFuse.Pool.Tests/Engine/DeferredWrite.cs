using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A write as a server makes it that answers many at once: it is done when <see cref="ThinPool.Settle"/> has returned. Alone in its pool.</summary>
internal static class DeferredWrite
{
    /// <summary>Maps, moves and publishes.</summary>
    /// <exception cref="PoolException">No space, among others; nothing is held any more.</exception>
    internal static void Publish(VolumeHandle volume, long offsetBytes, ReadOnlySpan<byte> data)
    {
        WriteOperation write = volume.RentWrite();
        BlockingWaiter waiter = new();
        try
        {
            MapOutcome outcome = volume.MapWrite(write, offsetBytes, data, waiter);
            if (outcome != MapOutcome.Ready)
            {
                throw new PoolException(PoolErrorKind.NoSpace, $"the write is {outcome}");
            }

            write.Move(data);
            write.Publish(isDeferred: true);
        }
        finally
        {
            volume.Return(write);
        }
    }
}
