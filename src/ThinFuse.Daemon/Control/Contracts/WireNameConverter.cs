using System.Text.Json;
using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Enumerations travel as camelCase names, or as the name given by <see cref="JsonStringEnumMemberNameAttribute"/>; never as
/// numbers.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
public sealed class WireNameConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
