using System.Buffers;
using System.Text.Json;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;
using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>A comparison under way, as lines of JSON. Holds both files open. For one thread at a time.</summary>
internal sealed class DiffLines : IDisposable
{
    private const int BatchBytes = 64 << 10;

    private readonly VolumeHandle? _from;
    private readonly VolumeHandle _to;
    private readonly IEnumerator<ChangedRange> _ranges;
    private readonly ArrayBufferWriter<byte> _lines = new(BatchBytes + 256);

    /// <summary>Begins a comparison of two files by name; without the earlier one, of all data of the later one.</summary>
    /// <exception cref="PoolException">NotFound; Usage: they have nothing in common, and that was not allowed.</exception>
    public DiffLines(ThinPool pool, string? from, string to, bool evenUnrelated, CancellationToken cancel)
    {
        _to = Open(pool, to);
        try
        {
            _from = from is null ? null : Open(pool, from);
            _ranges = pool.Compare(_from, _to, evenUnrelated, cancel).GetEnumerator();
        }
        catch
        {
            _from?.Dispose();
            _to.Dispose();
            throw;
        }
    }

    /// <summary>The next lines, valid until the next call; none at the end.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        _lines.ResetWrittenCount();
        using Utf8JsonWriter writer = new(_lines);
        while (_lines.WrittenCount < BatchBytes && _ranges.MoveNext())
        {
            ChangedRange range = _ranges.Current;
            DiffRangeKind kind = range.Kind == RangeKind.Data ? DiffRangeKind.Data : DiffRangeKind.Zero;
            JsonSerializer.Serialize(
                writer, new DiffRangeResponse(range.OffsetBytes, range.LengthBytes, kind), ControlJsonContext.Default.DiffRangeResponse);
            writer.Flush();
            _lines.Write("\n"u8);
            writer.Reset();
        }

        return _lines.WrittenMemory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ranges.Dispose();
        _from?.Dispose();
        _to.Dispose();
    }

    private static VolumeHandle Open(ThinPool pool, string name) => pool.Open(
        (pool.Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, $"there is no {name} in this pool; 'thinfuse volume list' shows what is")).Id);
}
