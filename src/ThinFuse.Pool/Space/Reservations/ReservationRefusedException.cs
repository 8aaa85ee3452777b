namespace ThinFuse.Pool.Space.Reservations;

/// <summary>Space that was to be promised is not there; nothing has changed.</summary>
internal sealed class ReservationRefusedException(string message, string volume, long wantedBytes, long freeBytes)
    : PoolException(PoolErrorKind.NoSpace, message)
{
    public string Volume => volume;

    public long WantedBytes => wantedBytes;

    public long FreeBytes => freeBytes;
}
