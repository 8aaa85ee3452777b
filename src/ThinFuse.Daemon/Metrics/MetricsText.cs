using System.Globalization;
using System.Text;
using System.Text.Json;
using ThinFuse.Daemon.Tree;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Metrics;

/// <summary>The daemon's state in the Prometheus text format. Thread-safe.</summary>
internal sealed class MetricsText(ThinPool pool, RequestCounters requests)
{
    private static readonly PoolMode[] Modes = Enum.GetValues<PoolMode>();

    /// <summary>All metrics at this moment.</summary>
    public string Render()
    {
        PoolStatus status = pool.Status();
        StringBuilder text = new(4096);
        Single(text, "thinfuse_pool_total_bytes", "gauge", "All extents of the pool.", status.TotalBytes);
        Single(text, "thinfuse_pool_allocated_bytes", "gauge", "Extents in use.", status.AllocatedBytes);
        Single(text, "thinfuse_pool_reserved_bytes", "gauge", "Extents promised and not in use.", status.ReservedBytes);
        Single(text, "thinfuse_pool_free_bytes", "gauge", "What writes can still get.", status.FreeBytes);
        Single(text, "thinfuse_pool_host_missing_bytes", "gauge", "Free extents that the host has no room for.", status.HostMissingBytes);
        Single(text, "thinfuse_pool_retired_bytes", "gauge", "Extents out of use for good, because the disk below them is bad.", status.RetiredBytes);
        Single(text, "thinfuse_pool_promised_bytes", "gauge", "Sizes of all volumes together, snapshots left out.", status.PromisedBytes);
        Single(text, "thinfuse_pool_exclusive_bytes", "gauge", "Extents in use that one volume or snapshot reads.", status.ExclusiveBytes);
        Single(text, "thinfuse_pool_shared_bytes", "gauge", "Extents in use that several volumes and snapshots read.", status.SharedBytes);
        Head(text, "thinfuse_pool_mode", "gauge", "1 for the mode that the pool is in.");
        foreach (PoolMode mode in Modes)
        {
            Line(text, $"thinfuse_pool_mode{{mode=\"{ModeWords.Of(mode)}\"}}", mode == status.Mode ? 1 : 0);
        }

        Single(text, "thinfuse_pool_needs_check", "gauge", "1 when the pool failed and can only be read until it was checked.", status.NeedsCheck ? 1 : 0);
        Single(text, "thinfuse_volumes", "gauge", "Volumes.", status.VolumeCount);
        Single(text, "thinfuse_snapshots", "gauge", "Snapshots.", status.SnapshotCount);
        Single(text, "thinfuse_read_bytes_total", "counter", "Bytes read from volumes and snapshots.", requests.ReadBytes);
        Single(text, "thinfuse_written_bytes_total", "counter", "Bytes written to volumes.", requests.WrittenBytes);
        Single(text, "thinfuse_no_space_total", "counter", "Requests refused for want of space.", requests.NoSpace);
        Single(text, "thinfuse_parked_writes_total", "counter", "Waits of a write for a snapshot or a write.", requests.ParkedWrites);
        RenderRequests(text);
        return text.ToString();
    }

    private void RenderRequests(StringBuilder text)
    {
        var seen = requests.ByOpcode().Select(row => (Label: Label(row.Opcode), row.Requests, row.Errors)).ToList();
        Head(text, "thinfuse_requests_total", "counter", "Requests of the kernel.");
        seen.ForEach(row => Line(text, $"thinfuse_requests_total{{opcode=\"{row.Label}\"}}", row.Requests));
        Head(text, "thinfuse_request_errors_total", "counter", "Requests answered with an error.");
        seen.ForEach(row => Line(text, $"thinfuse_request_errors_total{{opcode=\"{row.Label}\"}}", row.Errors));
    }

    private static string Label(Fuse.Wire.FuseOpcode opcode) => JsonNamingPolicy.SnakeCaseLower.ConvertName(opcode.ToString());

    private static void Single(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        Line(text, name, value);
    }

    private static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Line(StringBuilder text, string series, long value) =>
        text.Append(series).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
