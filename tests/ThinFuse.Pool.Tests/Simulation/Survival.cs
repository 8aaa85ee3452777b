namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>
/// Decides, by a seed, what of the unsynced survives a power cut: with seed 0 nothing, with seed 1 everything, with other seeds
/// either everything up to some moment, or each thing (and each sector) by chance, rarely or often.
/// </summary>
internal sealed class Survival
{
    private readonly Random _random;
    private readonly double _chance;
    private readonly long _survivesBefore;

    internal Survival(int seed, long oldestSequence, long endSequence)
    {
        _random = new Random(seed);
        int mode = _random.Next(4);
        (_chance, _survivesBefore) = seed switch
        {
            0 => (0, long.MinValue),
            1 => (0, long.MaxValue),
            _ when mode == 0 => (0, oldestSequence + _random.NextInt64(endSequence - oldestSequence + 1)),
            _ => (mode switch { 1 => 0.1, 2 => 0.5, _ => 0.9 }, long.MinValue),
        };
    }

    /// <summary>Whether all of an I/O survives.</summary>
    internal bool Survives(SimulatedIo io) => io.Sequence < _survivesBefore || Chance();

    /// <summary>Decides for the sectors of one I/O: all alike, or each on its own.</summary>
    internal Func<bool> SectorsOf(SimulatedIo io)
    {
        if (io.Sequence < _survivesBefore || _random.Next(2) == 0)
        {
            bool whole = Survives(io);
            return () => whole;
        }
        return Chance;
    }

    private bool Chance() => _chance > 0 && _random.NextDouble() < _chance;
}
