namespace ThinFuse.Daemon.Hosting;

/// <summary>A step of taking things down.</summary>
internal sealed class Deferred(Action step) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => step();
}
