using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>What the later file has in a changed range.</summary>
[JsonConverter(typeof(WireNameConverter<DiffRangeKind>))]
public enum DiffRangeKind
{
    /// <summary>Bytes: they must be copied.</summary>
    Data,

    /// <summary>Nothing: it reads as zero and takes no space.</summary>
    Zero,
}
