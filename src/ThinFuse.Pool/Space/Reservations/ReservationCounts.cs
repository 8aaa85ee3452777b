namespace ThinFuse.Pool.Space.Reservations;

/// <summary>What the counts of a reservation are to be.</summary>
internal readonly record struct ReservationCounts(Reservation Reservation, long NeededCount, long EmergencyWantedCount);
