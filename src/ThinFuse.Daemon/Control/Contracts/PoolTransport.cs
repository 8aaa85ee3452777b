using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>How FUSE requests reach the daemon.</summary>
[JsonConverter(typeof(WireNameConverter<PoolTransport>))]
public enum PoolTransport
{
    /// <summary>Threads that read cloned /dev/fuse descriptors.</summary>
    Dev,

    /// <summary>FUSE over io_uring.</summary>
    Uring,
}
