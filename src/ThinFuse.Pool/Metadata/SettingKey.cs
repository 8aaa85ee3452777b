namespace ThinFuse.Pool.Metadata;

/// <summary>The settings of a pool on disk. Never renumber.</summary>
internal enum SettingKey : byte
{
    NoSpacePolicy = 1,
    NoSpaceTimeoutMs = 2,
    LowWater = 3,
    AutoExtend = 4,
    MaxSizeBytes = 5,
    Discard = 6,
    Strict = 7,
}
