using System.Text.Json;

namespace ThinFuse.Benchmarks.Tools;

/// <summary>What fio measured.</summary>
/// <param name="Iops">Operations per second.</param>
/// <param name="BytesPerSecond">Bytes per second.</param>
/// <param name="Operations">How many there were.</param>
/// <param name="P999Us">Latency that 1 in 1000 exceeds, microseconds.</param>
/// <param name="MaxUs">The longest, microseconds.</param>
internal sealed record FioResult(double Iops, double BytesPerSecond, long Operations, double P999Us, double MaxUs)
{
    /// <summary>Reads fio's JSON, of a job that either reads or writes.</summary>
    public static FioResult Parse(string output)
    {
        // Notes may stand before it.
        using JsonDocument document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        JsonElement job = document.RootElement.GetProperty("jobs")[0];
        JsonElement side = job.GetProperty("read").GetProperty("total_ios").GetInt64() > 0 ? job.GetProperty("read") : job.GetProperty("write");
        JsonElement latency = side.GetProperty("clat_ns");
        double p999 = latency.TryGetProperty("percentile", out JsonElement percentiles)
            ? percentiles.GetProperty("99.900000").GetDouble() / 1000
            : 0;
        return new FioResult(
            side.GetProperty("iops").GetDouble(),
            side.GetProperty("bw_bytes").GetDouble(),
            side.GetProperty("total_ios").GetInt64(),
            p999,
            latency.GetProperty("max").GetDouble() / 1000);
    }
}
