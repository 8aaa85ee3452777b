namespace ThinFuse.Pool.Metadata;

/// <summary>Kinds of entries in a journal record; each holds a whole new value, so applying one twice is harmless. On disk: never renumber.</summary>
internal enum EntryKind : byte
{
    ExceptionPut = 1,
    LayerPut = 2,
    LayerRemove = 3,
    VolumePut = 4,
    VolumeRemove = 5,
    NodePut = 6,
    SettingsPut = 7,
    ReservePut = 8,
    ProvisionSet = 9,
    ProvisionClear = 10,
    GenerationPut = 12,
    HoldPut = 13,
    HoldRemove = 14,
    OriginPut = 16,
    OriginRemove = 17,
    ContentIdPut = 20,
    ReceivePut = 21,
    RetiredPut = 22,
    FlattenPut = 24,
}
