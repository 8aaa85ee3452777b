using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>The control API, served on the socket in the pool directory while this object lives.</summary>
internal sealed class ControlServer : IDisposable
{
    /// <summary>How long requests under way may take to finish when the daemon ends.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(3);

    private readonly WebApplication _app;
    private readonly ControlSocket _socket;

    private ControlServer(WebApplication app, ControlSocket socket)
    {
        _app = app;
        _socket = socket;
    }

    /// <summary>
    /// Starts to serve. The caller holds the pool's lock, so a socket that lies there is nobody's any more, and is replaced.
    /// </summary>
    /// <exception cref="IOException">The socket cannot be made.</exception>
    public static ControlServer Start(string poolDirectory, ControlContext context, ILoggerFactory loggers)
    {
        ControlSocket socket = new(poolDirectory);
        WebApplication? app = null;
        try
        {
            File.Delete(socket.FilePath);
            app = Build(socket, loggers);
            MapAll(app, context, loggers.CreateLogger("ThinFuse.Control"));
            app.StartAsync().GetAwaiter().GetResult();
            return new ControlServer(app, socket);
        }
        catch
        {
            ((IDisposable?)app)?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Ends serving: no new request, those under way get a moment to finish. Removes the socket.</summary>
    public void Dispose()
    {
        using CancellationTokenSource patience = new(EndPatience);
        _app.StopAsync(patience.Token).GetAwaiter().GetResult();
        ((IDisposable)_app).Dispose();
        RemoveSocket();
        _socket.Dispose();
    }

    private void RemoveSocket()
    {
        try
        {
            File.Delete(_socket.FilePath);
        }
        catch (IOException)
        {
            // On a host that has become read-only. Nobody answers there any more, and who serves the pool next replaces it.
        }
    }

    private static WebApplication Build(ControlSocket socket, ILoggerFactory loggers)
    {
        // An empty builder: no configuration files, no environment, so that nothing can make this listen on the network.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton<ILoggerFactory>(new WarningLoggers(loggers));
        builder.Services.AddSingleton<IHostLifetime, NoHostLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = OwnerOnlySocket.Bind);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, socket, new PeerCheck(loggers.CreateLogger("ThinFuse.Control"))));
        return builder.Build();
    }

    private static void Configure(KestrelServerOptions kestrel, ControlSocket socket, PeerCheck peers)
    {
        kestrel.AddServerHeader = false;
        ClientLimits.Apply(kestrel.Limits);
        kestrel.ListenUnixSocket(socket.Address, listening =>
        {
            // One request at a time: the limit of connections is one of requests as well.
            listening.Protocols = HttpProtocols.Http1;
            listening.Use(peers.Around);
        });
    }

    private static void MapAll(WebApplication app, ControlContext context, ILogger logger)
    {
        app.Use((http, next) => ErrorAnswers.InvokeAsync(http, next, logger));
        PoolEndpoints.Map(app, context);
        InspectionEndpoints.Map(app, context);
        VolumeEndpoints.Map(app, context);
        SnapshotEndpoints.Map(app, context);
        DiffEndpoints.Map(app, context);
        TransferEndpoints.Map(app, context);
        CloneEndpoints.Map(app, context);
        TreeEndpoints.Map(app, context);
        RollbackEndpoints.Map(app, context);
        HydrateEndpoints.Map(app, context);
        JobEndpoints.Map(app, context);
        EventEndpoints.Map(app, context);
        DaemonEndpoints.Map(app, context);
        app.MapFallback("{*path}", ErrorAnswers.NoSuchRouteAsync);
    }
}
