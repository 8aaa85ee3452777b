using System.Text.Json;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Control;

[Collection(MountCollection.Name)]
public sealed class DiffApiTests : IDisposable
{
    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public async Task The_ranges_come_one_a_line_for_snapshots_and_volumes()
    {
        _pool.Sh("truncate -s 1G vm1 && dd if=/dev/urandom of=vm1 bs=4k count=4 conv=notrunc").MustSucceed();
        await _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "mon"));
        _pool.Sh("dd if=/dev/urandom of=vm1 bs=4k seek=100000 count=2 conv=notrunc && fallocate -p -o 4096 -l 8192 vm1").MustSucceed();

        (await DiffAsync("vm1@mon", "vm1")).Should().Equal(
            new DiffRangeResponse(4096, 8192, DiffRangeKind.Zero), new DiffRangeResponse(409600000, 8192, DiffRangeKind.Data));
        (await DiffAsync("vm1", "vm1@mon")).Should().Equal(
            new DiffRangeResponse(4096, 8192, DiffRangeKind.Data), new DiffRangeResponse(409600000, 8192, DiffRangeKind.Zero));
        (await DiffAsync(null, "vm1@mon")).Should().Equal(new DiffRangeResponse(0, 16384, DiffRangeKind.Data));
    }

    [SkippableFact]
    public async Task Many_ranges_come_whole_and_in_order()
    {
        const int Count = 6000;
        await _pool.Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", Count * 8192L));
        using (FileStream file = new(_pool["vm1"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            for (int i = 0; i < Count; i++)
            {
                file.Position = i * 8192L;
                file.WriteByte(1);
            }
        }

        (await DiffAsync(null, "vm1")).Should().Equal(
            Enumerable.Range(0, Count).Select(i => new DiffRangeResponse(i * 8192L, 4096, DiffRangeKind.Data)));
    }

    [SkippableFact]
    public async Task Refusals_come_before_the_first_line()
    {
        _pool.Sh("truncate -s 1M vm1 vm2").MustSucceed();

        (await RefusedAsync(() => DiffAsync("vm1", "vm2"))).Kind.Should().Be(ControlErrorKind.Usage);
        (await DiffAsync("vm1", "vm2", evenUnrelated: true)).Should().BeEmpty();
        (await RefusedAsync(() => DiffAsync("vm1", "vm3"))).Kind.Should().Be(ControlErrorKind.NotFound);
        (await RefusedAsync(() => DiffAsync("vm3", "vm1"))).Kind.Should().Be(ControlErrorKind.NotFound);
        (await RefusedAsync(() => DiffAsync(null, ""))).Kind.Should().Be(ControlErrorKind.Usage);
        _pool.Sh("rm vm1 vm2").MustSucceed();
    }

    private static async Task<ControlException> RefusedAsync(Func<Task> call) => (await call.Should().ThrowAsync<ControlException>()).Which;

    private async Task<List<DiffRangeResponse>> DiffAsync(string? from, string to, bool evenUnrelated = false)
    {
        List<DiffRangeResponse> ranges = [];
        await foreach (string line in _pool.Control.ReadDiffAsync(from, to, evenUnrelated))
        {
            ranges.Add(JsonSerializer.Deserialize(line, ControlJsonContext.Default.DiffRangeResponse)!);
        }

        return ranges;
    }
}
