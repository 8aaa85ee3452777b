using System.Net;
using System.Net.Sockets;
using System.Text;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Control;

[Collection(MountCollection.Name)]
public sealed class ControlApiTests : IDisposable
{
    private readonly ServedPool _pool = new(poolName: "a-pool");

    public void Dispose() => _pool.Dispose();

    private ControlClient Control => _pool.Control;

    [SkippableFact]
    public async Task Status_says_what_serves_where()
    {
        PoolStatusResponse status = await Control.GetPoolStatusAsync();

        status.MountPoint.Should().Be(_pool.Mount);
        _pool.Log.Lines.Should().NotContain(
            line => line.Category.StartsWith("Microsoft", StringComparison.Ordinal), "requests are no news");
        status.DaemonPid.Should().Be(Environment.ProcessId);
        bool saysDevice = _pool.Log.Lines.Any(line => line.Text.StartsWith("Requests come through /dev/fuse", StringComparison.Ordinal));
        status.Transport.Should().Be(saysDevice ? PoolTransport.Dev : PoolTransport.Uring);
        status.TotalBytes.Should().Be(ServedPool.DefaultPoolBytes);
        status.FreeBytes.Should().Be(status.TotalBytes - status.AllocatedBytes - status.ReservedBytes);
        status.Nodes.Should().ContainSingle().Which.Id.Should().Be(0);
    }

    [SkippableFact]
    public async Task What_it_changes_is_seen_in_the_mount_at_once()
    {
        (await Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", 1 << 20))).SizeBytes.Should().Be(1 << 20);
        _pool.Sh("stat -c '%s %a' vm1").MustSucceed().Should().Be("1048576 600");

        (await Control.UpdateVolumeAsync("vm1", new VolumeUpdateRequest(SizeBytes: 2 << 20))).SizeBytes.Should().Be(2 << 20);
        _pool.Sh("stat -c %s vm1").MustSucceed().Should().Be("2097152");

        (await Control.UpdateVolumeAsync("vm1", new VolumeUpdateRequest(NewName: "vm2"))).Name.Should().Be("vm2");
        _pool.Sh("ls; stat vm1").MustFailWith("No such file");
        _pool.Sh("ls").MustSucceed().Should().Be("vm2");

        await Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm2"], "monday"));
        (await Control.CreateClonesAsync(new CloneCreateRequest("vm2@monday", "vm3"))).Single().Origin.Should().Be("vm2@monday");
        _pool.Sh("ls").MustSucceed().Should().Be("vm2\nvm2@monday\nvm3");

        await Control.DeleteVolumeAsync("vm2@monday");
        await Control.DeleteVolumeAsync("vm2");
        _pool.Sh("ls").MustSucceed().Should().Be("vm3");
    }

    [SkippableFact]
    public async Task Many_clones_are_made_by_one_request_or_none()
    {
        _pool.Sh("head -c 1M /dev/urandom > vm1").MustSucceed();
        await Control.CreateVolumeAsync(new VolumeCreateRequest("b-0007", 512));
        await Refused(ControlErrorKind.Exists, () => Control.CreateClonesAsync(new CloneCreateRequest("vm1", "b", 300)));
        _pool.Sh("ls").MustSucceed().Should().Be("b-0007\nvm1");

        IReadOnlyList<VolumeResponse> clones = await Control.CreateClonesAsync(new CloneCreateRequest("vm1", "a", 300));

        clones.Select(clone => clone.Name).Should().Equal(CloneNames.Of("a", 300));
        clones.Should().OnlyContain(clone => clone.Origin == "vm1" && clone.SizeBytes == 1 << 20 && !clone.ReadOnly);
        _pool.Sh("ls | wc -l; for f in a-*; do cmp $f vm1 || exit 1; done").MustSucceed().Should().Be("302");
        (await Control.ListVolumesAsync()).Should().HaveCount(302);
    }

    [SkippableFact]
    public async Task A_reader_of_an_open_file_sees_the_new_size_at_once()
    {
        await Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", 4096));
        using FileStream file = new(_pool["vm1"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        file.Length.Should().Be(4096);

        await Control.UpdateVolumeAsync("vm1", new VolumeUpdateRequest(SizeBytes: 8192));

        file.Length.Should().Be(8192);
        file.Position = 4096;
        file.Read(new byte[8192]).Should().Be(4096);
    }

    [SkippableFact]
    public async Task The_tree_lists_parents_before_children()
    {
        await Control.CreateVolumeAsync(new VolumeCreateRequest("b", 1 << 20));
        await Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["b"], "one"));
        await Control.CreateClonesAsync(new CloneCreateRequest("b@one", "a"));

        IReadOnlyList<TreeEntryResponse> tree = await Control.GetTreeAsync();

        tree.Select(entry => (entry.Name, entry.Parent)).Should().Equal(("b", null), ("b@one", "b"), ("a", "b@one"));
    }

    [SkippableFact]
    public async Task A_check_of_a_sound_pool_finds_nothing()
    {
        _pool.Sh("head -c 1M /dev/urandom > vm1").MustSucceed();

        PoolCheckResponse check = await Control.CheckPoolAsync();

        check.Problems.Should().BeEmpty();
        check.ProblemCount.Should().Be(0);
        check.Extents.Should().Be(16);
    }

    [SkippableFact]
    public async Task Refusals_have_kinds()
    {
        await Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", 1 << 20));

        await Refused(ControlErrorKind.Exists, () => Control.CreateVolumeAsync(new VolumeCreateRequest("vm1", 1 << 20)));
        await Refused(ControlErrorKind.Usage, () => Control.CreateVolumeAsync(new VolumeCreateRequest("a/b", 1 << 20)));
        await Refused(ControlErrorKind.Usage, () => Control.CreateVolumeAsync(new VolumeCreateRequest("vm2", 0)));
        await Refused(ControlErrorKind.Usage, () => Control.CreateVolumeAsync(new VolumeCreateRequest("vm2", 1000)));
        await Refused(ControlErrorKind.NotFound, () => Control.DeleteVolumeAsync("vm2"));
        await Refused(ControlErrorKind.NotFound, () => Control.UpdateVolumeAsync("vm2", new VolumeUpdateRequest(SizeBytes: 512)));
        await Refused(ControlErrorKind.NotFound, () => Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1", "vm2"], "x")));
        await Refused(ControlErrorKind.Usage, () => Control.CreateSnapshotsAsync(new SnapshotCreateRequest([], "x")));
        await Refused(ControlErrorKind.Usage, () => Control.CreateSnapshotsAsync(new SnapshotCreateRequest(["vm1"], "a b")));
        await Refused(ControlErrorKind.NotFound, () => Control.CreateClonesAsync(new CloneCreateRequest("vm2", "vm3")));
        await Refused(ControlErrorKind.Exists, () => Control.CreateClonesAsync(new CloneCreateRequest("vm1", "vm1")));
        await Refused(ControlErrorKind.Usage, () => Control.CreateClonesAsync(new CloneCreateRequest("vm1", "vm2", 0)));
        await Refused(ControlErrorKind.Usage, () => Control.CreateClonesAsync(new CloneCreateRequest("vm1", "vm2", CloneNames.MaxCount + 1)));
        await Refused(ControlErrorKind.Usage, () => Control.CreateClonesAsync(new CloneCreateRequest("vm1", new string('a', 125), 2)));
        await Refused(ControlErrorKind.Usage, () => Control.GrowPoolAsync(new PoolGrowRequest()));
        await Refused(ControlErrorKind.Usage, () => Control.GrowPoolAsync(new PoolGrowRequest(1 << 20, "/node")));
        (await Control.ListVolumesAsync()).Select(volume => volume.Name).Should().Equal("vm1");
    }

    [SkippableTheory]
    [InlineData("GET", "/v1/nothing", "", HttpStatusCode.NotFound, "notFound")]
    [InlineData("PUT", "/v1/pool", "", HttpStatusCode.NotFound, "notFound")]
    [InlineData("POST", "/v1/volumes", "{", HttpStatusCode.BadRequest, "usage")]
    [InlineData("POST", "/v1/volumes", "null", HttpStatusCode.BadRequest, "usage")]
    [InlineData("POST", "/v1/volumes", "{\"name\":\"vm1\"}", HttpStatusCode.BadRequest, "usage")]
    [InlineData("POST", "/v1/volumes", "{\"name\":\"vm1\",\"sizeBytes\":512,\"colour\":1}", HttpStatusCode.BadRequest, "usage")]
    [InlineData("POST", "/v1/volumes", "{\"name\":null,\"sizeBytes\":512}", HttpStatusCode.BadRequest, "usage")]
    public async Task Nonsense_is_answered_with_an_error_body(string method, string path, string body, HttpStatusCode status, string kind)
    {
        using SocketsHttpHandler handler = new() { ConnectCallback = ConnectAsync };
        using HttpClient http = new(handler) { BaseAddress = new Uri("http://localhost") };
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await http.SendAsync(request);

        response.StatusCode.Should().Be(status);
        (await response.Content.ReadAsStringAsync()).Should().StartWith($"{{\"kind\":\"{kind}\",\"message\":\"");
    }

    [SkippableFact]
    public async Task A_pool_deeper_than_a_socket_address_is_reached()
    {
        using ServedPool deep = new(poolName: string.Join('/', Enumerable.Repeat("a-directory-with-a-long-name", 8)));

        (await deep.Control.GetPoolStatusAsync()).MountPoint.Should().Be(deep.Mount);
    }

    private static async Task Refused(ControlErrorKind kind, Func<Task> request)
    {
        ControlException refusal = (await request.Should().ThrowAsync<ControlException>()).Which;
        refusal.Kind.Should().Be(kind, refusal.Message);
        refusal.Message.Should().NotContain("\n");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_pool.PoolDirectory, ControlSocket.FileName)), cancel);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
