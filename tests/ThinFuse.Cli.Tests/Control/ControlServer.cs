using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Tests.Control;

/// <summary>A Kestrel server on the control socket of a directory of its own, which answers every request by one function.</summary>
public sealed class ControlServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ControlSocket _socket;

    private ControlServer(WebApplication app, ControlSocket socket, string poolDirectory)
    {
        _app = app;
        _socket = socket;
        PoolDirectory = poolDirectory;
    }

    public string PoolDirectory { get; }

    public static async Task<ControlServer> StartAsync(RequestDelegate answer, string? poolDirectory = null)
    {
        poolDirectory ??= Directory.CreateTempSubdirectory("thinfuse-").FullName;
        ControlSocket socket = new(poolDirectory);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket.Address));
        WebApplication app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new ControlServer(app, socket, poolDirectory);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _socket.Dispose();
        Directory.Delete(PoolDirectory, recursive: true);
    }
}
