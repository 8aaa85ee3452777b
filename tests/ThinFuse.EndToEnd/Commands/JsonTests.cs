using System.Text.Json;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Commands;

/// <summary>The JSON of every command on a live pool has the documented fields; scripts build on them.</summary>
public sealed class JsonTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private static readonly string[] StatusFields =
    [
        "uuid", "mountPoint", "daemonPid", "transport", "mode", "chunkSize", "totalBytes", "allocatedBytes", "reservedBytes", "freeBytes",
        "noSpacePolicy", "noSpaceTimeoutMs", "volumes", "snapshots", "nodes", "reclaimingBytes", "lowWaterBytes", "autoExtendBytes", "maxSizeBytes",
        "discardPolicy", "strict", "promisedBytes", "exclusiveBytes", "sharedBytes", "overcommitRatio", "hostMissingBytes",
        "retiredExtents", "retiredBytes", "needsCheck",
        "restartProtection", "restarts", "lastPauseMs", "upgradeFailed",
    ];

    private static readonly string[] VolumeFields =
        ["name", "kind", "origin", "sizeBytes", "allocatedBytes", "exclusiveBytes", "reservedBytes", "readOnly", "createdAt", "id", "generation", "holds", "sharedBytes", "reserve", "reserveWhen", "provisionedBytes"];

    [SkippableFact]
    public void Pool_commands()
    {
        PoolFixture pool = NewPool("64M");
        JsonElement offline = ThinFuseProgram.Json("pool", "status", pool.PoolDirectory);
        MustHave(offline, StatusFields);
        offline.GetProperty("daemonPid").ValueKind.Should().Be(JsonValueKind.Null);
        MustHave(ThinFuseProgram.Json("mount", pool.PoolDirectory, pool.MountPoint), "pool", "mountPoint", "daemonPid", "alreadyMounted", "restartProtection", "protectionObstacle",
            "takenOverFrom");

        JsonElement status = ThinFuseProgram.Json("pool", "status", pool.MountPoint);
        MustHave(status, StatusFields);
        status.GetProperty("mode").GetString().Should().Be("write");
        status.GetProperty("transport").GetString().Should().BeOneOf("dev", "uring");
        status.GetProperty("noSpacePolicy").GetString().Should().Be("error");
        status.GetProperty("chunkSize").GetInt32().Should().Be(65536);
        MustHave(status.GetProperty("nodes")[0], "id", "type", "path", "startBytes", "sizeBytes", "state");
        MustHave(ThinFuseProgram.Json("pool", "grow", pool.MountPoint, "--size", "128M"), StatusFields);
        pool.StatusBytes("totalBytes").Should().Be(128 << 20);
        JsonElement check = ThinFuseProgram.Json("pool", "check", pool.MountPoint);
        MustHave(check, "problemCount", "problems", "layers", "exceptions", "extents", "wasNeededFor", "retiredExtents", "lostBytes");
        MustHave(ThinFuseProgram.Json("unmount", pool.MountPoint), "pool", "mountPoint", "wasMounted");
        MustHave(ThinFuseProgram.Json("pool", "create", Path.Combine(pool.Home, "second"), "--size", "64M"), StatusFields);
    }

    [SkippableFact]
    public void Volume_snapshot_and_clone_commands()
    {
        PoolFixture pool = NewMountedPool("64M");
        string vm1 = pool.PathOf("vm1");
        JsonElement volume = ThinFuseProgram.Json("volume", "create", vm1, "--size", "1G");
        MustHave(volume, VolumeFields);
        volume.GetProperty("kind").GetString().Should().Be("volume");
        volume.GetProperty("origin").ValueKind.Should().Be(JsonValueKind.Null);
        volume.GetProperty("createdAt").GetString().Should().EndWith("Z");
        pool.CreateVolume("vm2", "1M");

        JsonElement snapshots = ThinFuseProgram.Json("snapshot", "create", vm1, pool.PathOf("vm2"), "--name", "monday");
        snapshots.GetArrayLength().Should().Be(2);
        MustHave(snapshots[0], VolumeFields);
        snapshots[0].GetProperty("name").GetString().Should().Be("vm1@monday");
        snapshots[0].GetProperty("origin").GetString().Should().Be("vm1");
        snapshots[0].GetProperty("readOnly").GetBoolean().Should().BeTrue();

        MustHave(ThinFuseProgram.Json("clone", vm1 + "@monday", pool.PathOf("vm3")), VolumeFields);
        JsonElement clones = ThinFuseProgram.Json("clone", vm1 + "@monday", pool.PathOf("vm9"), "--count", "2");
        clones.EnumerateArray().Select(clone => clone.GetProperty("name").GetString()).Should().Equal("vm9-0001", "vm9-0002");
        MustHave(clones[0], VolumeFields);
        ThinFuseProgram.Json("volume", "resize", vm1, "--size", "2G").GetProperty("sizeBytes").GetInt64().Should().Be(2L << 30);
        ThinFuseProgram.Json("volume", "rename", vm1, "vm4").GetProperty("name").GetString().Should().Be("vm4");
        JsonElement list = ThinFuseProgram.Json("volume", "list", pool.MountPoint);
        list.GetArrayLength().Should().Be(7);
        MustHave(list[0], VolumeFields);
        ThinFuseProgram.Json("snapshot", "list", pool.MountPoint).GetArrayLength().Should().Be(2);
        ThinFuseProgram.Json("snapshot", "list", pool.PathOf("vm2")).GetArrayLength().Should().Be(1);
        JsonElement tree = ThinFuseProgram.Json("snapshot", "tree", pool.MountPoint);
        MustHave(tree[0], "name", "parent", "kind", "sizeBytes", "exclusiveBytes", "createdAt", "sharedBytes", "readOnly", "holds");
        MustHaveRange(pool);
        ThinFuseProgram.Json("snapshot", "delete", pool.PathOf("vm2@monday")).GetProperty("deleted").GetString().Should().Be("vm2@monday");
        ThinFuseProgram.Json("volume", "delete", pool.PathOf("vm2")).GetProperty("deleted").GetString().Should().Be("vm2");
    }

    private static void MustHaveRange(PoolFixture pool)
    {
        Tool.Run("dd", "if=/dev/urandom", $"of={pool.PathOf("vm2")}", "bs=4k", "count=1", "conv=notrunc").MustSucceed();
        JsonElement range = ThinFuseProgram.Json("snapshot", "diff", pool.PathOf("vm2@monday"), pool.PathOf("vm2"));
        MustHave(range, "offset", "length", "kind");
        range.GetProperty("length").GetInt64().Should().Be(4096);
        range.GetProperty("kind").GetString().Should().Be("data");
    }

    [SkippableFact]
    public void Attach_and_detach()
    {
        Need.Loop();
        PoolFixture pool = NewMountedPool("64M");
        pool.CreateVolume("vm1", "16M");

        JsonElement attached = ThinFuseProgram.Json("attach", pool.PathOf("vm1"));
        MustHave(attached, "device", "path", "readOnly", "alreadyAttached");
        string device = attached.GetProperty("device").GetString()!;
        ThinFuseProgram.Json("attach", pool.PathOf("vm1")).GetProperty("alreadyAttached").GetBoolean().Should().BeTrue();
        Tool.Run("losetup", "--noheadings", "--raw", "--output", "DIO", device).MustSucceed().Text.Should().Be("1");
        Tool.Run("blockdev", "--getsize64", device).MustSucceed().Text.Should().Be("16777216");

        ThinFuseProgram.Json("detach", pool.PathOf("vm1")).GetProperty("devices")[0].GetString().Should().Be(device);
        ThinFuseProgram.Json("detach", pool.PathOf("vm1")).GetProperty("devices").GetArrayLength().Should().Be(0);
    }

    [SkippableFact]
    public void Errors()
    {
        PoolFixture pool = NewMountedPool("64M");

        ToolResult refused = ThinFuseProgram.Run("volume", "delete", pool.PathOf("none"), "--json").MustExit(5);

        refused.Output.Should().BeEmpty();
        JsonElement error = ThinFuseProgram.Parse(refused.Errors).GetProperty("error");
        error.GetProperty("kind").GetString().Should().Be("notFound");
        error.GetProperty("message").GetString().Should().Contain("none");
    }

    private static void MustHave(JsonElement element, params string[] fields) =>
        element.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo(fields);
}
