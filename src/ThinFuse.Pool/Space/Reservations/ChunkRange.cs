namespace ThinFuse.Pool.Space.Reservations;

/// <summary>Neighbouring chunks [First, End).</summary>
internal readonly record struct ChunkRange(long First, long End)
{
    public long Count => End - First;
}
