using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Volume or snapshot.</summary>
[JsonConverter(typeof(WireNameConverter<VolumeKind>))]
public enum VolumeKind
{
    /// <summary>A volume: MNT/vm1.</summary>
    Volume,

    /// <summary>A snapshot: MNT/vm1@monday.</summary>
    Snapshot,
}
