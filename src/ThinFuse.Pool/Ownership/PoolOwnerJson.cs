using System.Text.Json.Serialization;

namespace ThinFuse.Pool.Ownership;

/// <summary>Serialisation without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PoolOwner))]
internal sealed partial class PoolOwnerJson : JsonSerializerContext;
