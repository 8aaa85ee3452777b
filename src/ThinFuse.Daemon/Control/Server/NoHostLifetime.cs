using Microsoft.Extensions.Hosting;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>Keeps the web server from catching signals: ending is the daemon's business.</summary>
internal sealed class NoHostLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
