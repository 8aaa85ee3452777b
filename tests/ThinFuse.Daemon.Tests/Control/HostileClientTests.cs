using System.Globalization;
using System.Net.Sockets;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Server;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Control;

[Collection(MountCollection.Name)]
public sealed class HostileClientTests : IDisposable
{
    private const string Question = "GET /v1/pool HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private const int Connections = 2000;

    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    private string SocketPath => Path.Combine(_pool.PoolDirectory, ControlSocket.FileName);

    [SkippableFact]
    public void Another_user_is_not_answered_even_where_the_modes_let_him_connect()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "becoming another user needs root");
        Shell.Run("/", $"chmod a+rx {_pool.PoolDirectory} {Path.GetDirectoryName(_pool.PoolDirectory)} && chmod a+rw {SocketPath}").MustSucceed();
        using (RawClient own = new(SocketPath))
        {
            own.Send(Question).Should().BeTrue();
            own.ReceiveAll().Should().StartWith("HTTP/1.1 200");
        }

        using RawClient foreign = ForeignUser.Run(() => new RawClient(SocketPath));
        foreign.Send(Question);

        foreign.ReceiveAll().Should().BeEmpty();
        _pool.Log.Lines.Should().Contain(line => line.Text.StartsWith($"user {ForeignUser.Id} may not use the control socket", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Another_user_who_connects_thousands_of_times_fills_neither_the_log_nor_the_room_for_connections()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "becoming another user needs root");
        Shell.Run("/", $"chmod a+rx {_pool.PoolDirectory} {Path.GetDirectoryName(_pool.PoolDirectory)} && chmod a+rw {SocketPath}").MustSucceed();
        List<RawClient> foreign = [];
        try
        {
            ForeignUser.Run(() =>
            {
                for (int i = 0; i < Connections; i++)
                {
                    foreign.Add(new RawClient(SocketPath));
                }

                return true;
            });
            foreign[^1].ReceiveAll().Should().BeEmpty();

            // Their connections are open at this end still, and closed at the daemon's.
            (await _pool.Control.GetPoolStatusAsync()).MountPoint.Should().Be(_pool.Mount);
            _pool.Sh("head -c 1M /dev/zero > vm1 && sync vm1").MustSucceed();
        }
        finally
        {
            foreign.ForEach(client => client.Dispose());
        }

        _pool.Log.Lines.Count(line => line.Text.Contains("may not use the control socket", StringComparison.Ordinal)).Should().Be(1);
    }

    [SkippableFact]
    public void A_body_that_comes_too_slowly_is_cut_off_and_holds_up_nobody()
    {
        using RawClient slow = new(SocketPath);
        slow.Send("POST /v1/volumes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{").Should().BeTrue();
        _pool.Sh("head -c 1M /dev/zero > vm1 && sync vm1 && mv vm1 vm2 && rm vm2").MustSucceed();

        slow.ReceiveAll().Should().StartWith("HTTP/1.1 400").And.Contain("too slowly");
    }

    [SkippableFact]
    public void The_modes_let_no_other_user_connect()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "becoming another user needs root");
        Shell.Run("/", $"chmod a+rx {Path.GetDirectoryName(_pool.PoolDirectory)}").MustSucceed();
        Shell.Run("/", $"stat -c %a {_pool.PoolDirectory} {SocketPath}").MustSucceed().Should().Be("700\n600");

        Action connect = () => ForeignUser.Run(() => new RawClient(SocketPath));

        connect.Should().Throw<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.AccessDenied);
    }

    [SkippableFact]
    public async Task Clients_that_connect_and_say_nothing_hold_up_neither_files_nor_for_ever_the_control_API()
    {
        List<RawClient> hanging = [.. Enumerable.Range(0, 2 * ClientLimits.MaxConnections).Select(_ => new RawClient(SocketPath))];
        try
        {
            // Those beyond the limit are told so, the others hang.
            hanging[^1].ReceiveAll().Should().BeEmpty();
            _pool.Sh("head -c 1M /dev/zero > vm1 && sync vm1 && cmp -n 1M vm1 /dev/zero").MustSucceed();
        }
        finally
        {
            hanging.ForEach(client => client.Dispose());
        }

        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (!await AnswersAsync())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    [SkippableFact]
    public void A_head_that_never_ends_is_cut_off()
    {
        using RawClient slow = new(SocketPath);
        slow.Send("GET /v1/pool HTTP/1.1\r\nHost: local").Should().BeTrue();

        slow.ReceiveAll().Should().StartWith("HTTP/1.1 408");
    }

    [SkippableTheory]
    [InlineData("Content-Length: 1048577\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n100001\r\n", "HTTP/1.1 400")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n", "HTTP/1.1 400")]
    public void A_body_that_is_too_large_is_refused(string rest, string answer)
    {
        using RawClient client = new(SocketPath);
        client.Send($"POST /v1/volumes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n{rest}");
        string blanks = new(' ', 64 << 10);
        for (int i = 0; i < 17 && client.Send(blanks); i++)
        {
            // More than may be sent, as far as it is taken.
        }

        client.ReceiveAll().Should().StartWith(answer);
        _pool.Sh("ls").MustSucceed().Should().BeEmpty();
    }

    [SkippableFact]
    public void A_head_that_is_too_large_is_refused()
    {
        using RawClient client = new(SocketPath);
        client.Send("GET /v1/pool HTTP/1.1\r\nHost: localhost\r\n");
        for (int i = 0; i < 64 && client.Send(string.Create(CultureInfo.InvariantCulture, $"X-{i}: {new string('a', 1000)}\r\n")); i++)
        {
            // As far as it is taken.
        }

        client.ReceiveAll().Should().StartWith("HTTP/1.1 431");
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await _pool.Control.GetPoolStatusAsync()).MountPoint == _pool.Mount;
        }
        catch (Daemon.Control.Client.ControlException)
        {
            return false;
        }
    }
}
