using System.Text.Json;
using ThinFuse.Cli.Completion;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Loop;
using ThinFuse.Cli.Mount;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Snapshot.Pruning;
using ThinFuse.Cli.Volume;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Control;

/// <summary>What scripts depend on, letter by letter: a change here breaks somebody.</summary>
public sealed class ContractTests
{
    private static readonly ControlJsonContext Json = ControlJsonContext.Default;
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 13, 0, 0, 250, TimeSpan.FromHours(1));

    [Fact]
    public void Pool_status_has_these_fields() =>
        JsonSerializer.Serialize(
            new PoolStatusResponse(
                Guid.Parse("0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11"), "/mnt", 42, PoolTransport.Dev, PoolMode.OutOfSpace,
                65536, 4, 3, 2, 1, NoSpacePolicy.Error, 60_000, 5, 6,
                [new NodeResponse(0, NodeType.File, "/pool/data", 0, 4, NodeState.Online)])
            {
                ReclaimingBytes = 20,
                LowWaterBytes = 9,
                AutoExtendBytes = 8,
                MaxSizeBytes = 7,
                DiscardPolicy = DiscardPolicy.Passdown,
                Strict = true,
                PromisedBytes = 10,
                ExclusiveBytes = 11,
                SharedBytes = 12,
                OvercommitRatio = 2.5,
                HostMissingBytes = 13,
                RetiredExtents = 14,
                RetiredBytes = 15,
                NeedsCheck = true,
                RestartProtection = RestartProtectionState.On,
                Restarts = 2,
                LastPauseMs = 300,
                UpgradeFailed = false,
            },
            Json.PoolStatusResponse).Should().Be(
            """{"uuid":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","mountPoint":"/mnt","daemonPid":42,"transport":"dev","mode":"out_of_space","chunkSize":65536"""
            + ""","totalBytes":4,"allocatedBytes":3,"reservedBytes":2,"freeBytes":1,"noSpacePolicy":"error","noSpaceTimeoutMs":60000,"volumes":5,"snapshots":6"""
            + ""","nodes":[{"id":0,"type":"file","path":"/pool/data","startBytes":0,"sizeBytes":4,"state":"online"}],"reclaimingBytes":20,"lowWaterBytes":9,"autoExtendBytes":8,"maxSizeBytes":7"""
            + ""","discardPolicy":"passdown","strict":true,"promisedBytes":10,"exclusiveBytes":11,"sharedBytes":12,"overcommitRatio":2.5,"hostMissingBytes":13,"retiredExtents":14,"retiredBytes":15,"needsCheck":true"""
            + ""","restartProtection":"on","restarts":2,"lastPauseMs":300,"upgradeFailed":false}""");

    [Fact]
    public void A_pool_that_is_not_served_has_the_same_fields_with_nulls() =>
        JsonSerializer.Serialize(
            new PoolStatusResponse(Guid.Empty, null, null, null, PoolMode.Write, 1, 0, 0, 0, 0, NoSpacePolicy.Queue, 0, 0, 0, []),
            Json.PoolStatusResponse)
            .Should().Contain("\"mountPoint\":null,\"daemonPid\":null,\"transport\":null,\"mode\":\"write\"");

    [Fact]
    public void The_volume_list_has_these_fields() =>
        JsonSerializer.Serialize<IReadOnlyList<VolumeResponse>>(
            [new VolumeResponse("vm1@monday", VolumeKind.Snapshot, "vm1", 5, 4, 3, 2, true, Noon)
            {
                Id = 7,
                Generation = Guid.Parse("0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11"),
                Holds = ["backup"],
                SharedBytes = 1,
            }],
            Json.IReadOnlyListVolumeResponse).Should().Be(
            """[{"name":"vm1@monday","kind":"snapshot","origin":"vm1","sizeBytes":5,"allocatedBytes":4,"exclusiveBytes":3,"reservedBytes":2,"readOnly":true,"createdAt":"2026-11-24T12:00:00.250Z","id":7,"generation":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","holds":["backup"],"sharedBytes":1,"reserve":"none","reserveWhen":"always","provisionedBytes":0}]""");

    [Fact]
    public void A_volume_on_an_external_origin_has_these_fields_more() =>
        JsonSerializer.Serialize(
            new VolumeResponse("vm1", VolumeKind.Volume, null, 5, 4, 3, 2, false, Noon)
            {
                OriginFile = "/base.img",
                OriginBytes = 9,
                HydratedBytes = 1,
                Hydration = HydrationState.Paused,
                OriginTrouble = "gone",
            },
            Json.VolumeResponse).Should().EndWith(
            ""","originFile":"/base.img","originBytes":9,"hydratedBytes":1,"hydration":"paused","originTrouble":"gone"}""");

    [Fact]
    public void The_tree_has_these_fields() =>
        JsonSerializer.Serialize<IReadOnlyList<TreeEntryResponse>>(
            [new TreeEntryResponse("vm1", null, VolumeKind.Volume, 5, 4, Noon) { SharedBytes = 3, Holds = ["me"] }], Json.IReadOnlyListTreeEntryResponse).Should().Be(
            """[{"name":"vm1","parent":null,"kind":"volume","sizeBytes":5,"exclusiveBytes":4,"createdAt":"2026-11-24T12:00:00.250Z","sharedBytes":3,"readOnly":false,"holds":["me"]}]""");

    [Fact]
    public void A_job_has_these_fields() =>
        JsonSerializer.Serialize(new JobResponse(7, "flatten", "vm1", JobState.Failed, 1, 2, 3, Noon, Noon, "no room"), Json.JobResponse).Should().Be(
            """{"id":7,"kind":"flatten","volume":"vm1","state":"failed","doneBytes":1,"totalBytes":2,"rateBytesPerSecond":3,"startedAt":"2026-11-24T12:00:00.250Z","""
            + "\"endedAt\":\"2026-11-24T12:00:00.250Z\",\"error\":\"no room\"}");

    [Fact]
    public void A_rollback_has_these_fields()
    {
        VolumeResponse volume = new("vm1", VolumeKind.Volume, null, 5, 4, 3, 2, false, Noon);
        string written = JsonSerializer.Serialize(new RollbackResponse(volume, null), Json.RollbackResponse);
        written.Should().StartWith("{\"volume\":{\"name\":\"vm1\",").And.EndWith("},\"kept\":null}");
        JsonSerializer.Deserialize(written, Json.RollbackResponse)!.Volume.Should().BeEquivalentTo(volume);
        JsonSerializer.Serialize(new RollbackRequest(KeepAs: "x"), Json.RollbackRequest).Should().Be("""{"discardCurrent":false,"force":false,"keepAs":"x"}""");
        JsonSerializer.Serialize(new FlattenRequest(), Json.FlattenRequest).Should().Be("""{"rateBytesPerSecond":null}""");
        JsonSerializer.Serialize(new JobUpdateRequest(true, 5), Json.JobUpdateRequest).Should().Be("""{"paused":true,"rateBytesPerSecond":5}""");
    }

    [Fact]
    public void Comparing_sending_and_receiving_have_these_fields()
    {
        Guid id = Guid.Parse("0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11");
        JsonSerializer.Serialize(new DiffRangeResponse(1, 2, DiffRangeKind.Zero), Json.DiffRangeResponse).Should().Be(
            """{"offset":1,"length":2,"kind":"zero"}""");
        JsonSerializer.Serialize(new ContentRequest("vm1@mon"), Json.ContentRequest).Should().Be("""{"snapshot":"vm1@mon"}""");
        JsonSerializer.Serialize(new ContentResponse("vm1@mon", id, 1, Noon, 2, 3), Json.ContentResponse).Should().Be(
            """{"name":"vm1@mon","contentId":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","sizeBytes":1,"createdAt":"2026-11-24T12:00:00.250Z","chunkSize":2,"blockSize":3}""");
        JsonSerializer.Serialize(new ReceiveBeginRequest("vm1", "mon", id, Guid.Empty, 1, 2, Noon, true), Json.ReceiveBeginRequest).Should().Be(
            """{"target":"vm1","snapshotName":"mon","contentId":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","baseId":"00000000-0000-0000-0000-000000000000","""
            + "\"sizeBytes\":1,\"startBytes\":2,\"createdAt\":\"2026-11-24T12:00:00.250Z\",\"force\":true}");
        JsonSerializer.Serialize(new ReceiveKeepRequest(1), Json.ReceiveKeepRequest).Should().Be("""{"keptBytes":1}""");
        JsonSerializer.Serialize(new ReceiveFinishRequest(id, false), Json.ReceiveFinishRequest).Should().Be(
            """{"contentId":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","force":false}""");
        JsonSerializer.Serialize(new ReceiveResponse("vm1.receiving", "vm1@mon", "00", 1, false), Json.ReceiveResponse).Should().Be(
            """{"name":"vm1.receiving","snapshot":"vm1@mon","token":"00","keptBytes":1,"isComplete":false}""");
    }

    [Fact]
    public void A_check_has_these_fields() =>
        JsonSerializer.Serialize(new PoolCheckResponse(1, [new PoolProblemResponse("extent", "extent 7 has two owners", "vm1", 8)], 2, 3, 4), Json.PoolCheckResponse).Should().Be(
            """{"problemCount":1,"problems":[{"kind":"extent","message":"extent 7 has two owners","volume":"vm1","offsetBytes":8}],"layers":2,"exceptions":3,"extents":4,"wasNeededFor":null,"retiredExtents":0,"lostBytes":0}""");

    [Fact]
    public void Requests_have_these_fields()
    {
        JsonSerializer.Serialize(new PoolGrowRequest(1024), Json.PoolGrowRequest).Should().Be("""{"sizeBytes":1024,"nodePath":null}""");
        JsonSerializer.Serialize(new VolumeCreateRequest("a", 512), Json.VolumeCreateRequest).Should().Be("""{"name":"a","sizeBytes":512}""");
        JsonSerializer.Serialize(new VolumeCreateRequest("a", null) { OriginPath = "/o" }, Json.VolumeCreateRequest)
            .Should().Be("""{"name":"a","sizeBytes":null,"originPath":"/o"}""");
        JsonSerializer.Serialize(new HydrateRequest(HydrateAction.Pause, 5), Json.HydrateRequest).Should().Be("""{"action":"pause","rateBytesPerSecond":5}""");
        JsonSerializer.Serialize(new VolumeUpdateRequest(NewName: "b"), Json.VolumeUpdateRequest).Should().Be("""{"sizeBytes":null,"newName":"b"}""");
        JsonSerializer.Serialize(new SnapshotCreateRequest(["a", "b"], "m"), Json.SnapshotCreateRequest).Should().Be("""{"volumes":["a","b"],"name":"m"}""");
        JsonSerializer.Serialize(new SnapshotCreateRequest(["a@s"], "m", Writable: true), Json.SnapshotCreateRequest).Should().Be(
            """{"volumes":["a@s"],"name":"m","writable":true}""");
        JsonSerializer.Serialize(new HoldRequest("me"), Json.HoldRequest).Should().Be("""{"name":"me"}""");
        JsonSerializer.Serialize(new CloneCreateRequest("a@m", "b"), Json.CloneCreateRequest).Should().Be(
            """{"source":"a@m","target":"b","count":null}""");
        JsonSerializer.Serialize(new CloneCreateRequest("a", "b", 9), Json.CloneCreateRequest).Should().Be("""{"source":"a","target":"b","count":9}""");
        JsonSerializer.Serialize(new DaemonStopRequest(true), Json.DaemonStopRequest).Should().Be("""{"lazy":true}""");
        JsonSerializer.Serialize(new DaemonStopRequest(TakenOverBy: "x"), Json.DaemonStopRequest).Should().Be("""{"lazy":false,"takenOverBy":"x"}""");
        JsonSerializer.Serialize(new DaemonStopResponse(7), Json.DaemonStopResponse).Should().Be("""{"daemonPid":7}""");
        JsonSerializer.Serialize(new DaemonUpgradeRequest(["/a", "/b"]), Json.DaemonUpgradeRequest).Should().Be("""{"command":["/a","/b"]}""");
        JsonSerializer.Serialize(new DaemonUpgradeResponse(7), Json.DaemonUpgradeResponse).Should().Be("""{"daemonPid":7}""");
    }

    [Theory]
    [InlineData(null, "vm", "vm", 1)]
    [InlineData(1, "vm-0001", "vm-0001", 1)]
    [InlineData(9999, "vm-0001", "vm-9999", 9999)]
    [InlineData(10_000, "vm-00001", "vm-10000", 10_000)]
    public void Clones_are_numbered_so_that_they_sort(int? count, string first, string last, int expected)
    {
        IReadOnlyList<string> names = CloneNames.Of("vm", count);

        names.Should().HaveCount(expected).And.OnlyHaveUniqueItems().And.BeInAscendingOrder(StringComparer.Ordinal);
        names[0].Should().Be(first);
        names[^1].Should().Be(last);
    }

    [Fact]
    public void Results_of_commands_have_these_fields()
    {
        CliJsonContext cli = CliJsonContext.Default;
        JsonSerializer.Serialize(new ErrorReport(new ControlError(ControlErrorKind.NoSpace, "m")), cli.ErrorReport)
            .Should().Be("""{"error":{"kind":"noSpace","message":"m"}}""");
        JsonSerializer.Serialize(new MountResult("/p", "/m", 1, false, RestartProtectionState.Off, "why", 7), cli.MountResult).Should().Be(
            """{"pool":"/p","mountPoint":"/m","daemonPid":1,"alreadyMounted":false,"restartProtection":"off","protectionObstacle":"why","takenOverFrom":7}""");
        JsonSerializer.Serialize(new UpgradeResult("/p", "/m", 2, 1, 300), cli.UpgradeResult).Should().Be(
            """{"pool":"/p","mountPoint":"/m","daemonPid":2,"previousPid":1,"pauseMs":300}""");
        JsonSerializer.Serialize(new UnmountResult("/p", "/m", true), cli.UnmountResult).Should().Be("""{"pool":"/p","mountPoint":"/m","wasMounted":true}""");
        JsonSerializer.Serialize(new DeleteResult("a"), cli.DeleteResult).Should().Be("""{"deleted":"a"}""");
        JsonSerializer.Serialize(new PruneResult("a", true, [new PruneDecision("a@x", Noon, ["daily"])], ["a@y"]), cli.PruneResult).Should().Be(
            """{"volume":"a","dryRun":true,"kept":[{"name":"a@x","createdAt":"2026-11-24T12:00:00.250Z","reasons":["daily"]}],"deleted":["a@y"]}""");
        JsonSerializer.Serialize(new AttachResult("/dev/loop0", "/m/a", false, true), cli.AttachResult)
            .Should().Be("""{"device":"/dev/loop0","path":"/m/a","readOnly":false,"alreadyAttached":true}""");
        JsonSerializer.Serialize(new DetachResult(["/dev/loop0"]), cli.DetachResult).Should().Be("""{"devices":["/dev/loop0"]}""");
        JsonSerializer.Serialize(new CompletionResult("bash", "x"), cli.CompletionResult).Should().Be("""{"shell":"bash","script":"x"}""");
    }

    [Theory]
    [InlineData("""{"name":"a"}""")]
    [InlineData("""{"name":null,"sizeBytes":512}""")]
    [InlineData("""{"name":"a","sizeBytes":"512"}""")]
    [InlineData("""{"name":"a","sizeBytes":512,"size":1}""")]
    [InlineData("""{"name":"a","name":"b","sizeBytes":512}""")]
    [InlineData("""{"Name":"a","sizeBytes":512}""")]
    [InlineData("""{"name":"a","sizeBytes":1e3}""")]
    [InlineData("""{"name":"a","sizeBytes":9223372036854775808}""")]
    [InlineData("""[]""")]
    public void A_request_with_a_missing_unknown_doubled_or_mistyped_field_is_refused(string body)
    {
        Action act = () => JsonSerializer.Deserialize(body, Json.VolumeCreateRequest);

        act.Should().Throw<JsonException>();
    }

    [Fact]
    public void An_answer_with_a_field_from_the_future_is_read() =>
        JsonSerializer.Deserialize("""{"daemonPid":7,"since":"yesterday"}""", Json.DaemonStopResponse).Should().Be(new DaemonStopResponse(7));

    [Theory]
    [InlineData("2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24T12:00:00.250+01:00")]
    [InlineData("yesterday")]
    public void A_time_in_another_form_is_refused(string time)
    {
        Action act = () => JsonSerializer.Deserialize(
            $$"""[{"name":"vm1","parent":null,"kind":"volume","sizeBytes":5,"exclusiveBytes":4,"createdAt":"{{time}}"}]""", Json.IReadOnlyListTreeEntryResponse);

        act.Should().Throw<JsonException>();
    }
}
