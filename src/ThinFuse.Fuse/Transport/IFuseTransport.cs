using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Transport;

/// <summary>Brings requests from the kernel to the dispatcher, and their answers back.</summary>
internal interface IFuseTransport : IDisposable
{
    /// <summary>How requests travel; settled when <see cref="Start"/> has returned.</summary>
    FuseTransportKind Kind { get; }

    /// <summary>Completes when no request can arrive any more; fails when the device failed before the connection ended.</summary>
    Task Completion { get; }

    /// <summary>Starts to serve. Called once, after INIT was answered.</summary>
    void Start();
}
