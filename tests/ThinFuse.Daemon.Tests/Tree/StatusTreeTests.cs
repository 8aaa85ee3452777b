using System.Globalization;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Tree;

[Collection(MountCollection.Name)]
public sealed class StatusTreeTests : IDisposable
{
    private readonly ServedPool _pool = new();

    public StatusTreeTests()
    {
        _pool.Sh("truncate -s 10M vm1; head -c 64k /dev/urandom | dd of=vm1 bs=64k conv=notrunc status=none").MustSucceed();
        _pool.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "monday")).GetAwaiter().GetResult();
    }

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void The_tree_has_the_promised_files() =>
        _pool.Sh("find .thinfuse -not -path '*/vm1@monday*' | sort").MustSucceed().Split('\n').Should().Equal(
            ".thinfuse",
            ".thinfuse/events",
            ".thinfuse/metrics",
            ".thinfuse/nodes",
            ".thinfuse/nodes/n-0",
            ".thinfuse/nodes/n-0/path",
            ".thinfuse/nodes/n-0/size",
            ".thinfuse/nodes/n-0/start",
            ".thinfuse/nodes/n-0/state",
            ".thinfuse/nodes/n-0/type",
            ".thinfuse/pool",
            ".thinfuse/pool/chunk_size",
            ".thinfuse/pool/exclusive",
            ".thinfuse/pool/free",
            ".thinfuse/pool/mode",
            ".thinfuse/pool/needs_check",
            ".thinfuse/pool/path",
            ".thinfuse/pool/pid",
            ".thinfuse/pool/promised",
            ".thinfuse/pool/reserved",
            ".thinfuse/pool/retired",
            ".thinfuse/pool/shared",
            ".thinfuse/pool/size",
            ".thinfuse/pool/used",
            ".thinfuse/pool/uuid",
            ".thinfuse/volumes",
            ".thinfuse/volumes/vm1",
            ".thinfuse/volumes/vm1/allocated",
            ".thinfuse/volumes/vm1/created",
            ".thinfuse/volumes/vm1/exclusive",
            ".thinfuse/volumes/vm1/generation",
            ".thinfuse/volumes/vm1/holds",
            ".thinfuse/volumes/vm1/kind",
            ".thinfuse/volumes/vm1/origin",
            ".thinfuse/volumes/vm1/provisioned",
            ".thinfuse/volumes/vm1/read_only",
            ".thinfuse/volumes/vm1/reserve",
            ".thinfuse/volumes/vm1/reserved",
            ".thinfuse/volumes/vm1/shared",
            ".thinfuse/volumes/vm1/size");

    [SkippableFact]
    public async Task Its_values_are_those_of_the_control_api()
    {
        PoolStatusResponse status = await _pool.Control.GetPoolStatusAsync();

        _pool.Sh("cd .thinfuse/pool && cat uuid size used free reserved chunk_size mode path pid promised exclusive shared").MustSucceed().Split('\n').Should().Equal(
            status.Uuid.ToString(), Text(status.TotalBytes), Text(status.AllocatedBytes), Text(status.FreeBytes),
            Text(status.ReservedBytes), Text(status.ChunkSize), "write", _pool.PoolDirectory, Text(Environment.ProcessId),
            Text(status.PromisedBytes), Text(status.ExclusiveBytes), Text(status.SharedBytes));
        _pool.Sh("cd .thinfuse/nodes/n-0 && cat type path start size state").MustSucceed().Split('\n').Should().Equal(
            "file", status.Nodes[0].Path, Text(status.Nodes[0].StartBytes), Text(status.TotalBytes), "online");
        _pool.Sh("cd .thinfuse/volumes/vm1@monday && cat size allocated exclusive kind origin read_only").MustSucceed().Split('\n')
            .Should().Equal("10485760", "65536", Text((await Volume("vm1@monday")).ExclusiveBytes), "snapshot", "vm1", "1");
    }

    [SkippableFact]
    public void Metrics_are_prometheus_text()
    {
        string metrics = _pool.Sh("cat .thinfuse/metrics").MustSucceed();

        metrics.Split('\n').Should().Contain(
            ["thinfuse_pool_total_bytes 67108864", "thinfuse_pool_mode{mode=\"write\"} 1", "thinfuse_volumes 1", "thinfuse_snapshots 1"]);
        metrics.Should().MatchRegex("thinfuse_requests_total\\{opcode=\"write\"\\} [1-9]");
        metrics.Split('\n').Should().OnlyContain(line => line.StartsWith('#') || line.Split(' ').Length == 2);
    }

    [SkippableTheory]
    [InlineData("echo 1 > .thinfuse/pool/size", "Permission denied")]
    [InlineData("rmdir .thinfuse", "Operation not permitted")]
    [InlineData("cat .thinfuse/volumes/missing/size", "No such file or directory")]
    [InlineData("chmod 777 .thinfuse/metrics", "Operation not permitted")]
    public void The_tree_cannot_be_changed(string command, string words) => _pool.Sh(command).MustFailWith(words);

    [SkippableFact]
    public void A_file_of_the_tree_can_be_copied_into_the_same_mount() =>
        _pool.Sh("cat .thinfuse/metrics > copy && head -c 6 copy").MustSucceed().Should().Be("# HELP");

    private async Task<VolumeResponse> Volume(string name) =>
        (await _pool.Control.ListVolumesAsync()).Single(volume => volume.Name == name);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
