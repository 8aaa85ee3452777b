using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ThinFuse.Cli.Tests.Control;

namespace ThinFuse.Cli.Tests.Commands;

/// <summary>What each command asks the daemon for, and what it says about the answer.</summary>
public sealed class SentRequestTests
{
    private const string Mount = CommandLineRunner.Mount;
    private const string Volume =
        """{"name":"vm1","kind":"volume","origin":null,"sizeBytes":1073741824,"allocatedBytes":65536,"exclusiveBytes":512,"reservedBytes":0,"readOnly":false,"createdAt":"2026-11-24T10:15:00.000Z","sharedBytes":65024}""";
    private const string OnOrigin =
        """{"name":"vm1","kind":"volume","origin":null,"sizeBytes":1073741824,"allocatedBytes":0,"exclusiveBytes":0,"reservedBytes":0,"readOnly":false,"createdAt":"2026-11-24T10:15:00.000Z","originFile":"/base.img","originBytes":1073741824,"hydratedBytes":268435456,"hydration":"running"}""";
    private const string Hydrated =
        """{"id":3,"kind":"hydrate","volume":"vm1","state":"completed","doneBytes":65536,"totalBytes":65536,"rateBytesPerSecond":0,"startedAt":"2026-11-24T10:15:00.000Z","endedAt":"2026-11-24T10:15:01.000Z","error":null}""";
    private const string Snapshot =
        """{"name":"vm1@monday","kind":"snapshot","origin":"vm1","sizeBytes":1073741824,"allocatedBytes":65536,"exclusiveBytes":0,"reservedBytes":0,"readOnly":true,"createdAt":"2026-11-24T10:15:00.000Z","sharedBytes":65536}""";
    private const string Held =
        """{"name":"vm1@monday","kind":"snapshot","origin":"vm1","sizeBytes":1,"allocatedBytes":1,"exclusiveBytes":0,"reservedBytes":0,"readOnly":true,"createdAt":"2026-11-24T10:15:00.000Z","holds":["me","you"]}""";
    private const string Job =
        """{"id":7,"kind":"flatten","volume":"vm1","state":"paused","doneBytes":1048576,"totalBytes":2097152,"rateBytesPerSecond":0,"startedAt":"2026-11-24T10:15:00.000Z","endedAt":null,"error":null}""";
    private const string Status =
        """{"uuid":"0d4f4ff8-7c3c-4d0a-9a55-2f3f5f4b8a11","mountPoint":"/mnt","daemonPid":42,"transport":"dev","mode":"write","chunkSize":65536,"totalBytes":1073741824,"allocatedBytes":536870912,"reservedBytes":0,"freeBytes":536870912,"noSpacePolicy":"error","noSpaceTimeoutMs":60000,"volumes":1,"snapshots":2,"nodes":[{"id":0,"type":"file","path":"/pool/data","startBytes":0,"sizeBytes":1073741824,"state":"online"}],"reclaimingBytes":1048576,"lowWaterBytes":107374182,"autoExtendBytes":null,"maxSizeBytes":null,"discardPolicy":"keep","strict":false,"promisedBytes":2147483648,"exclusiveBytes":4096,"sharedBytes":8192,"overcommitRatio":2,"hostMissingBytes":0,"retiredExtents":1,"retiredBytes":65536,"needsCheck":false,"restartProtection":"on","restarts":1,"lastPauseMs":250,"upgradeFailed":false}""";

    private const string ExtentUse =
        """{"extent":7,"node":"n-0","nodePath":"/pool/data","nodeOffsetBytes":5,"lengthBytes":4,"state":"owned","layer":2,"offsetBytes":4,"readers":[{"volume":"vm1","offsetBytes":4,"lengthBytes":1,"nodeOffsetBytes":5}]}""";

    [Theory]
    [InlineData("volume create {0}/vm1 --size 1G", "POST /v1/volumes {\"name\":\"vm1\",\"sizeBytes\":1073741824}", Volume, "created volume vm1, 1 GiB\n")]
    [InlineData("volume create {0}/vm1 --origin /images/../base.img", "POST /v1/volumes {\"name\":\"vm1\",\"sizeBytes\":null,\"originPath\":\"/base.img\"}", OnOrigin, "created volume vm1, 1 GiB, on /base.img\n")]
    [InlineData("volume set {0}/vm1 --origin /base.img", "PATCH /v1/volumes/vm1 {\"sizeBytes\":null,\"newName\":null,\"originPath\":\"/base.img\"}", OnOrigin, "vm1 reads through to /base.img\n")]
    [InlineData("volume set {0}/vm1 --origin /base.img --force", "PATCH /v1/volumes/vm1 {\"sizeBytes\":null,\"newName\":null,\"originPath\":\"/base.img\",\"force\":true}", OnOrigin, "vm1 reads through to /base.img\n")]
    [InlineData("volume hydrate {0}/vm1", "POST /v1/volumes/vm1/hydrate {\"action\":\"start\",\"rateBytesPerSecond\":null}", Hydrated, "job 3: hydrate of vm1 completed, 64 KiB of 64 KiB copied\n")]
    [InlineData("volume hydrate {0}/vm1 --rate 1M --resume --wait", "POST /v1/volumes/vm1/hydrate {\"action\":\"start\",\"rateBytesPerSecond\":1048576}", Hydrated, "job 3: hydrate of vm1 completed, 64 KiB of 64 KiB copied\n")]
    [InlineData("volume hydrate {0}/vm1 --rate none --pause", "POST /v1/volumes/vm1/hydrate {\"action\":\"pause\",\"rateBytesPerSecond\":0}", Hydrated, "job 3: hydrate of vm1 completed, 64 KiB of 64 KiB copied\n")]
    [InlineData("volume hydrate {0}/vm1 --stop", "POST /v1/volumes/vm1/hydrate {\"action\":\"stop\",\"rateBytesPerSecond\":null}", Hydrated, "job 3: hydrate of vm1 completed, 64 KiB of 64 KiB copied\n")]
    [InlineData("volume delete {0}/vm1", "DELETE /v1/volumes/vm1 ", "", "deleted volume vm1\n")]
    [InlineData("volume create {0}/vm1 --size 1G --reserve full --reserve-when open", "POST /v1/volumes {\"name\":\"vm1\",\"sizeBytes\":1073741824,\"reserve\":\"full\",\"reserveWhen\":\"open\"}", Volume, "created volume vm1, 1 GiB\n")]
    [InlineData("volume set {0}/vm1 --reserve 64M", "PATCH /v1/volumes/vm1 {\"sizeBytes\":null,\"newName\":null,\"reserve\":\"67108864\"}", Volume, "volume vm1 has 0 B in reserve\n")]
    [InlineData("volume provision {0}/vm1 --all", "POST /v1/volumes/vm1/provision {\"offsetBytes\":0,\"lengthBytes\":null}", Volume, "volume vm1 has 0 B provisioned\n")]
    [InlineData("volume provision {0}/vm1 --offset 1M --length 2M", "POST /v1/volumes/vm1/provision {\"offsetBytes\":1048576,\"lengthBytes\":2097152}", Volume, "volume vm1 has 0 B provisioned\n")]
    [InlineData("volume resize {0}/vm1 --size 1G", "PATCH /v1/volumes/vm1 {\"sizeBytes\":1073741824,\"newName\":null}", Volume, "volume vm1 has 1 GiB\n")]
    [InlineData("volume rename {0}/old vm1", "PATCH /v1/volumes/old {\"sizeBytes\":null,\"newName\":\"vm1\"}", Volume, "volume old is now vm1\n")]
    [InlineData("volume rename {0}/old {0}/vm1", "PATCH /v1/volumes/old {\"sizeBytes\":null,\"newName\":\"vm1\"}", Volume, "volume old is now vm1\n")]
    [InlineData("snapshot create {0}/vm1 --name monday", "POST /v1/snapshots {\"volumes\":[\"vm1\"],\"name\":\"monday\"}", "[" + Snapshot + "]", "{0}/vm1@monday\n")]
    [InlineData("snapshot create {0}/vm1 {0}/vm2 --name monday", "POST /v1/snapshots {\"volumes\":[\"vm1\",\"vm2\"],\"name\":\"monday\"}", "[" + Snapshot + "]", "{0}/vm1@monday\n")]
    [InlineData("snapshot create {0}/vm1@a --name monday --writable", "POST /v1/snapshots {\"volumes\":[\"vm1@a\"],\"name\":\"monday\",\"writable\":true}", "[" + Snapshot + "]", "{0}/vm1@monday\n")]
    [InlineData("snapshot rollback {0}/vm1@monday --force --keep-as x", "POST /v1/volumes/vm1%40monday/rollback {\"discardCurrent\":false,\"force\":true,\"keepAs\":\"x\"}", "{\"volume\":" + Volume + ",\"kept\":" + Snapshot + "}", "rolled vm1 back to vm1@monday; what it was is vm1@monday\n")]
    [InlineData("snapshot rollback {0}/vm1@monday --discard-current", "POST /v1/volumes/vm1%40monday/rollback {\"discardCurrent\":true,\"force\":false,\"keepAs\":null}", "{\"volume\":" + Volume + ",\"kept\":null}", "rolled vm1 back to vm1@monday; what it was is gone\n")]
    [InlineData("snapshot hold {0}/vm1@monday --by me", "POST /v1/volumes/vm1%40monday/holds {\"name\":\"me\"}", Held, "snapshot vm1@monday is held by me, you\n")]
    [InlineData("snapshot release {0}/vm1@monday --by me", "DELETE /v1/volumes/vm1%40monday/holds/me ", Held, "snapshot vm1@monday is held by me, you\n")]
    [InlineData("snapshot release {0}/vm1@monday --by me", "DELETE /v1/volumes/vm1%40monday/holds/me ", Snapshot, "snapshot vm1@monday is held by nobody\n")]
    [InlineData("snapshot delete {0}/vm1@monday", "DELETE /v1/volumes/vm1%40monday ", "", "deleted snapshot vm1@monday\n")]
    [InlineData("clone {0}/vm9@monday {0}/vm1", "POST /v1/clones {\"source\":\"vm9@monday\",\"target\":\"vm1\",\"count\":null}", "[" + Volume + "]", "cloned vm9@monday to vm1\n")]
    [InlineData("clone {0}/vm9 {0}/vm1", "POST /v1/clones {\"source\":\"vm9\",\"target\":\"vm1\",\"count\":null}", "[" + Volume + "]", "cloned vm9 to vm1\n")]
    [InlineData("clone {0}/vm9 {0}/vm --count 1", "POST /v1/clones {\"source\":\"vm9\",\"target\":\"vm\",\"count\":1}", "[" + Volume + "]", "cloned vm9 to vm1\n")]
    [InlineData("clone {0}/vm9 {0}/vm --count 2", "POST /v1/clones {\"source\":\"vm9\",\"target\":\"vm\",\"count\":2}", "[" + Volume + "," + Snapshot + "]", "cloned vm9 to vm1 to vm1@monday, 2 in all\n")]
    [InlineData("pool set {0} --no-space queue", "PATCH /v1/pool {\"noSpacePolicy\":\"queue\"}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --no-space-timeout 5s", "PATCH /v1/pool {\"noSpaceTimeoutMs\":5000}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --low-water 10%", "PATCH /v1/pool {\"lowWater\":\"10%\"}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --low-water off --auto-extend 1G --max-size 2G", "PATCH /v1/pool {\"lowWater\":\"off\",\"autoExtend\":\"1073741824\",\"maxSizeBytes\":2147483648}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --strict on", "PATCH /v1/pool {\"strict\":true}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --discard passdown", "PATCH /v1/pool {\"discardPolicy\":\"passdown\"}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool set {0} --max-size off", "PATCH /v1/pool {\"maxSizeBytes\":0}", Status, "without space, writes fail at once; low water at 102.4 MiB free\n")]
    [InlineData("pool grow {0} --size 1G", "POST /v1/pool/grow {\"sizeBytes\":1073741824,\"nodePath\":null}", Status, "the pool has 1 GiB, 512 MiB of it free\n")]
    [InlineData("pool grow {0} --node /dev/../dev/vdb", "POST /v1/pool/grow {\"sizeBytes\":null,\"nodePath\":\"/dev/vdb\"}", Status, "the pool has 1 GiB, 512 MiB of it free\n")]
    [InlineData("volume flatten {0}/vm1 --rate 1M", "POST /v1/volumes/vm1/flatten {\"rateBytesPerSecond\":1048576}", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("jobs {0} --pause 7", "PATCH /v1/jobs/7 {\"paused\":true,\"rateBytesPerSecond\":null}", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("jobs {0} --resume 7", "PATCH /v1/jobs/7 {\"paused\":false,\"rateBytesPerSecond\":null}", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("jobs {0} --rate 7=2M", "PATCH /v1/jobs/7 {\"paused\":null,\"rateBytesPerSecond\":2097152}", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("jobs {0} --rate 7=none", "PATCH /v1/jobs/7 {\"paused\":null,\"rateBytesPerSecond\":0}", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("jobs {0} --cancel 7", "DELETE /v1/jobs/7 ", Job, "job 7: flatten of vm1 paused, 1 MiB of 2 MiB copied\n")]
    [InlineData("pool dump {0}", "GET /v1/pool/dump ", "{\"type\":\"pool\"}\n", "{\"type\":\"pool\"}\n")]
    [InlineData("pool whereis {0} 7", "GET /v1/pool/whereis?extent=7 ", ExtentUse, "extent 7: n-0 (/pool/data) bytes 5 to 9, owned by layer 2 at 4\nvm1 offset 4 length 1: node byte 5\n")]
    [InlineData("pool check {0}", "GET /v1/pool/check ", """{"problemCount":0,"problems":[],"layers":1,"exceptions":2,"extents":3}""", "sound: 1 layers, 2 exceptions, 3 extents owned\n")]
    [InlineData("pool check {0}", "GET /v1/pool/check ", """{"problemCount":0,"problems":[],"layers":1,"exceptions":2,"extents":3,"wasNeededFor":"flush failed","retiredExtents":1,"lostBytes":4096}""", "1 extents are retired, and 4096 bytes are lost to bad places of the disk: reading those is EIO until they are written\nsound: 1 layers, 2 exceptions, 3 extents owned\nthe pool can be written to again; it could not since flush failed\n")]
    public async Task A_change_is_asked_for_once_and_told_in_one_line(string line, string request, string answer, string told)
    {
        List<string> seen = [];
        await using ControlServer server = await AnsweringAsync(answer, seen);
        CommandLineRunner runner = new(server.PoolDirectory);

        CommandOutcome outcome = await runner.RunAsync(line.Replace("{0}", Mount, StringComparison.Ordinal).Split(' '));

        outcome.Errors.Should().BeEmpty();
        outcome.ExitCode.Should().Be(0);
        seen.Should().Equal(request);
        outcome.Output.Should().Be(told.Replace("{0}", Mount, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_default_name_of_a_snapshot_is_the_time_in_utc()
    {
        List<string> seen = [];
        await using ControlServer server = await AnsweringAsync("[" + Snapshot + "]", seen);

        await new CommandLineRunner(server.PoolDirectory).RunAsync("snapshot", "create", Mount + "/vm1");

        seen.Should().ContainSingle().Which.Should().MatchRegex("\"name\":\"20[0-9]{6}T[0-9]{6}Z\"}$");
    }

    [Fact]
    public async Task A_default_name_that_is_taken_gets_a_number()
    {
        List<string> seen = [];
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            using StreamReader body = new(http.Request.Body);
            seen.Add(await body.ReadToEndAsync());
            bool isTaken = seen.Count < 3;
            http.Response.StatusCode = isTaken ? 409 : 201;
            await http.Response.WriteAsync(isTaken ? """{"kind":"exists","message":"it is taken; choose another"}""" : "[" + Snapshot + "]");
        });

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("snapshot", "create", Mount + "/vm1");

        outcome.ExitCode.Should().Be(0);
        string time = seen[0].Split('"')[^2];
        seen.Select(body => body.Split('"')[^2]).Should().Equal(time, time + "-2", time + "-3");
    }

    [Fact]
    public async Task A_name_that_was_asked_for_and_is_taken_is_told()
    {
        int requests = 0;
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            requests++;
            http.Response.StatusCode = 409;
            return http.Response.WriteAsync("""{"kind":"exists","message":"it is taken; choose another"}""");
        });

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("snapshot", "create", Mount + "/vm1", "--name", "monday");

        outcome.ShouldBeOneErrorLine(1);
        outcome.Errors.Should().Contain("it is taken");
        requests.Should().Be(1);
    }

    [Fact]
    public async Task A_list_in_a_pipe_is_plain_aligned_text()
    {
        await using ControlServer server = await AnsweringAsync($"[{Volume},{Snapshot}]", []);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("volume", "list", Mount);

        outcome.Output.Should().Be(
            """
            name        kind      origin   size  allocated  exclusive    shared  reserved  created (UTC)
            vm1         volume    -       1 GiB     64 KiB      512 B  63.5 KiB       0 B  2026-11-24 10:15:00
            vm1@monday  snapshot  vm1     1 GiB     64 KiB        0 B    64 KiB       0 B  2026-11-24 10:15:00

            """);
    }

    [Theory]
    [InlineData("running", null, "/base.img (25% hydrated, running)")]
    [InlineData("off", null, "/base.img")]
    [InlineData("off", "gone", "/base.img (missing)")]
    [InlineData("failed", "no space", "/base.img (25% hydrated, failed)")]
    public async Task A_list_says_what_a_volume_reads_through_to(string hydration, string? trouble, string expected)
    {
        string volume = OnOrigin.Replace("running", hydration, StringComparison.Ordinal);
        volume = trouble is null ? volume : volume.Replace("}", $",\"originTrouble\":\"{trouble}\"}}", StringComparison.Ordinal);
        await using ControlServer server = await AnsweringAsync($"[{volume}]", []);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("volume", "list", Mount);

        outcome.Output.Should().Contain($" {expected} ");
    }

    [Theory]
    [InlineData("", "vm1@monday")]
    [InlineData("/vm1", "vm1@monday")]
    public async Task A_snapshot_list_leaves_volumes_out(string volume, string expected)
    {
        await using ControlServer server = await AnsweringAsync($"[{Volume},{Snapshot}]", []);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("snapshot", "list", Mount + volume);

        outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2).And.ContainSingle(row =>
            row.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_snapshots_of_a_volume_that_is_not_there_are_not_found()
    {
        await using ControlServer server = await AnsweringAsync($"[{Volume}]", []);
        CommandLineRunner runner = new(server.PoolDirectory);

        (await runner.RunAsync("snapshot", "list", Mount + "/vm")).ShouldBeOneErrorLine(5);
        (await runner.RunAsync("snapshot", "list", Mount + "/vm1")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Status_is_shown_for_people_and_passed_on_for_scripts()
    {
        await using ControlServer server = await AnsweringAsync(Status, []);
        CommandLineRunner runner = new(server.PoolDirectory);

        (await runner.RunAsync("pool", "status", server.PoolDirectory)).Output.Should()
            .Contain("allocated     512 MiB (50 %)").And.Contain("to come back  up to 1 MiB").And.Contain("retired       64 KiB: 1 extents").And.Contain("2 GiB (2 times the size)").And.Contain("at 102.4 MiB free").And.Contain("pid 42, transport dev").And.Contain("/pool/data").And.NotContain("\u001b");
        CommandOutcome json = await runner.RunAsync("pool", "status", Mount, "--json");
        System.Text.Json.Nodes.JsonNode.DeepEquals(
            System.Text.Json.Nodes.JsonNode.Parse(json.Output), System.Text.Json.Nodes.JsonNode.Parse(Status)).Should().BeTrue();
    }

    [Fact]
    public async Task A_check_that_finds_something_ends_with_6_and_says_what()
    {
        await using ControlServer server = await AnsweringAsync("""{"problemCount":2,"problems":[{"kind":"extent","message":"extent 7 has two owners","volume":"vm1","offsetBytes":0}],"layers":1,"exceptions":2,"extents":3}""", []);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("pool", "check", Mount);

        outcome.ExitCode.Should().Be(6);
        outcome.Output.Should().Contain("problem: extent 7 has two owners").And.Contain("1 more").And.Contain("damaged");
    }

    [Fact]
    public async Task A_refusal_of_the_daemon_is_the_line_and_the_exit_code_of_the_command()
    {
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            http.Response.StatusCode = 507;
            await http.Response.WriteAsync("""{"kind":"noSpace","message":"no space\nfor this; grow the pool"}""");
        });

        CommandLineRunner runner = new(server.PoolDirectory);
        CommandOutcome outcome = await runner.RunAsync("volume", "create", Mount + "/vm1", "--size", "1G");

        outcome.ShouldBeOneErrorLine(3);
        outcome.Errors.Should().Be("thinfuse: no space for this; grow the pool\n");
    }

    [Fact]
    public async Task The_tree_shows_clones_below_snapshots_below_volumes()
    {
        static string Entry(string name, string parent, string kind) =>
            $$"""{"name":"{{name}}","parent":{{parent}},"kind":"{{kind}}","sizeBytes":1024,"exclusiveBytes":512,"createdAt":"2026-11-24T10:15:00.000Z","sharedBytes":256,"holds":["me"]}""";
        string[] entries =
        [
            Entry("vm1", "null", "volume"),
            Entry("vm1@a", "\"vm1\"", "snapshot"),
            Entry("vm2", "\"vm1@a\"", "volume"),
            Entry("vm1@b", "\"vm1\"", "snapshot"),
            Entry("vm3", "\"gone\"", "volume"),
        ];
        await using ControlServer server = await AnsweringAsync($"[{string.Join(',', entries)}]", []);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync("snapshot", "tree", Mount);

        const string Space = "1 KiB, 512 B exclusive, 256 B shared, [0-9]+ [a-z]+ old, held by me";
        outcome.Output.Should().MatchRegex($"^vm1  {Space}\n  vm1@a  {Space}\n    vm2  {Space}\n  vm1@b  {Space}\nvm3  {Space}\n$");
    }

    [Theory]
    [InlineData("--keep-last 1", "kept vm1@c (last)\nkept vm1@b (held by me)\nkept vm1@w (writable)\ndeleted vm1@a\n", "DELETE /v1/volumes/vm1%40a ")]
    [InlineData("--keep-last 1 --dry-run", "would keep vm1@c (last)\nwould keep vm1@b (held by me)\nwould keep vm1@w (writable)\nwould delete vm1@a\n", null)]
    [InlineData("--keep-last 5", "kept vm1@c (last)\nkept vm1@b (last, held by me)\nkept vm1@w (writable)\nkept vm1@a (last)\n", null)]
    public async Task A_prune_deletes_what_no_rule_keeps(string rules, string told, string? deletes)
    {
        static string Entry(string name, int hour, bool readOnly, string holds) =>
            $$"""{"name":"{{name}}","kind":"snapshot","origin":"vm1","sizeBytes":1,"allocatedBytes":1,"exclusiveBytes":0,"reservedBytes":0,"readOnly":{{(readOnly ? "true" : "false")}},"createdAt":"2026-11-24T{{hour}}:00:00.000Z","holds":[{{holds}}]}""";
        List<string> seen = [];
        string[] entries =
            [Entry("vm1@a", 10, true, ""), Entry("vm1@b", 12, true, "\"me\""), Entry("vm1@c", 13, true, ""), Entry("vm1@w", 11, false, ""), Entry("vm10@x", 10, true, "")];
        await using ControlServer server = await AnsweringAsync($"[{string.Join(',', entries)}]", seen);

        CommandOutcome outcome = await new CommandLineRunner(server.PoolDirectory).RunAsync(["snapshot", "prune", Mount + "/vm1", .. rules.Split(' ')]);

        outcome.Output.Should().Be(told);
        seen.Should().Equal(deletes is null ? ["GET /v1/volumes "] : ["GET /v1/volumes ", deletes]);
    }

    private static Task<ControlServer> AnsweringAsync(string answer, List<string> seen) => ControlServer.StartAsync(async http =>
    {
        using StreamReader body = new(http.Request.Body);
        seen.Add($"{http.Request.Method} {http.Features.Get<IHttpRequestFeature>()!.RawTarget} {await body.ReadToEndAsync()}");
        await http.Response.WriteAsync(answer);
    });
}
