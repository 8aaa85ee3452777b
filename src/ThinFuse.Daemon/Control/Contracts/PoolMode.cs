using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What the pool does with writes.</summary>
[JsonConverter(typeof(WireNameConverter<PoolMode>))]
public enum PoolMode
{
    /// <summary>Everything works.</summary>
    Write,

    /// <summary>A write was refused for want of an extent, and no space has come back since; writes to blocks already owned go
    /// on.</summary>
    [JsonStringEnumMemberName("out_of_space")]
    OutOfSpace,

    /// <summary>Metadata or an fsync could not be written: every change and fsync gets EIO until the pool was unmounted and checked; reads go on.</summary>
    [JsonStringEnumMemberName("read_only")]
    ReadOnly,

    /// <summary>The pool no longer knows where its data is: reads get EIO too, until it was unmounted and checked.</summary>
    Failed,
}
