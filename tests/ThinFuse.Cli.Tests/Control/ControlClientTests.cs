using System.Text;
using Microsoft.AspNetCore.Http;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Control;

public sealed class ControlClientTests
{
    private const string Volume =
        """{"name":"vm1","kind":"volume","origin":null,"sizeBytes":1024,"allocatedBytes":0,"exclusiveBytes":0,"reservedBytes":0,"readOnly":false,"createdAt":"2026-11-24T10:15:00.000Z"}""";

    [Fact]
    public async Task A_request_carries_method_path_and_camel_case_body_and_the_answer_is_read()
    {
        string seen = "";
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            using StreamReader body = new(http.Request.Body);
            seen = $"{http.Request.Method} {http.Request.Path} {await body.ReadToEndAsync()}";
            await http.Response.WriteAsync(Volume);
        });
        using ControlClient client = new(server.PoolDirectory);

        VolumeResponse volume = await client.CreateVolumeAsync(new VolumeCreateRequest("vm1", 1024));

        seen.Should().Be("""POST /v1/volumes {"name":"vm1","sizeBytes":1024}""");
        volume.Should().Be(new VolumeResponse(
            "vm1", VolumeKind.Volume, null, 1024, 0, 0, 0, false, new DateTimeOffset(2026, 11, 24, 10, 15, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_snapshot_name_is_escaped_in_the_path_and_a_deletion_needs_no_body()
    {
        string seen = "";
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            seen = http.Request.Method + http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        using ControlClient client = new(server.PoolDirectory);

        await client.DeleteVolumeAsync("vm1@monday");

        seen.Should().Be("DELETE/v1/volumes/vm1%40monday");
    }

    [Theory]
    [InlineData(ControlErrorKind.Failed)]
    [InlineData(ControlErrorKind.Usage)]
    [InlineData(ControlErrorKind.NoSpace)]
    [InlineData(ControlErrorKind.Busy)]
    [InlineData(ControlErrorKind.NotFound)]
    [InlineData(ControlErrorKind.Damaged)]
    [InlineData(ControlErrorKind.Exists)]
    public async Task A_refusal_arrives_with_its_kind_and_message(ControlErrorKind kind)
    {
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            http.Response.StatusCode = kind.ToHttpStatus();
            await http.Response.WriteAsJsonAsync(new ControlError(kind, "what; do this"), ControlJsonContext.Default.ControlError);
        });
        using ControlClient client = new(server.PoolDirectory);

        Func<Task> act = () => client.GetPoolStatusAsync();

        ControlException error = (await act.Should().ThrowAsync<ControlException>()).Which;
        error.Kind.Should().Be(kind);
        error.Message.Should().Be("what; do this");
    }

    [Fact]
    public async Task Without_a_socket_the_pool_is_not_served()
    {
        string pool = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        try
        {
            await ExpectAsync(pool, ControlErrorKind.NotFound, "no daemon serves pool");
        }
        finally
        {
            Directory.Delete(pool);
        }
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_means_the_same()
    {
        string pool = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        try
        {
            using (System.Net.Sockets.Socket left = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0))
            {
                left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(pool, ControlSocket.FileName + ".old")));
                File.Move(Path.Combine(pool, ControlSocket.FileName + ".old"), Path.Combine(pool, ControlSocket.FileName));
            }

            await ExpectAsync(pool, ControlErrorKind.NotFound, "no daemon serves pool");
        }
        finally
        {
            Directory.Delete(pool, recursive: true);
        }
    }

    [Fact]
    public async Task A_daemon_that_dies_before_it_answers_is_told_apart_from_one_that_refuses()
    {
        await using ControlServer server = await ControlServer.StartAsync(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });

        await ExpectAsync(server.PoolDirectory, ControlErrorKind.Failed, "went away before it answered");
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "null")]
    [InlineData(200, "{}")]
    [InlineData(200, "<html>")]
    [InlineData(500, "oops")]
    [InlineData(500, "{\"kind\":1,\"message\":\"x\"}")]
    [InlineData(404, "")]
    public async Task An_answer_that_is_not_understood_is_an_error_and_no_crash(int status, string body)
    {
        await using ControlServer server = await ControlServer.StartAsync(async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });

        await ExpectAsync(server.PoolDirectory, ControlErrorKind.Failed, "is not understood");
    }

    [Fact]
    public async Task A_pool_deeper_than_a_socket_address_can_hold_is_reached_all_the_same()
    {
        string root = Directory.CreateTempSubdirectory("thinfuse-").FullName;
        string pool = Directory.CreateDirectory(Path.Combine(root, new string('p', 120))).FullName;
        await using (ControlServer server = await ControlServer.StartAsync(http => http.Response.WriteAsync("[]"), pool))
        {
            using ControlClient client = new(pool);
            (await client.ListVolumesAsync()).Should().BeEmpty();
        }

        Directory.Delete(root);
    }

    private static async Task ExpectAsync(string pool, ControlErrorKind kind, string words)
    {
        using ControlClient client = new(pool);
        Func<Task> act = () => client.GetPoolStatusAsync();
        ControlException error = (await act.Should().ThrowAsync<ControlException>()).Which;
        error.Kind.Should().Be(kind);
        error.Message.Should().Contain(words).And.NotContain("\n");
    }
}
