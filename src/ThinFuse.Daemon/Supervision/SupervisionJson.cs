using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Supervision;

/// <summary>Serialisation without reflection. Unknown fields are passed over, since the two ends may be of different versions.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StartOrder))]
[JsonSerializable(typeof(HandOverOrder))]
[JsonSerializable(typeof(KeptMount))]
internal sealed partial class SupervisionJson : JsonSerializerContext;
