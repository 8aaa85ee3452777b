using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Origins;
using ThinFuse.Pool.Space.Reservations;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Metadata;

/// <summary>Writes entries, little-endian, into a caller's buffer: the payload of one journal record, applied whole or not at all.</summary>
internal ref struct EntryWriter(Span<byte> buffer)
{
    /// <summary>Room that any single entry fits in, bytes.</summary>
    public const int MaxEntryBytes = 5000;

    /// <summary>Length of an exception's entry.</summary>
    public const int ExceptionEntryBytes = 23;

    /// <summary>Length of a layer's entry.</summary>
    public const int LayerEntryBytes = 17;

    /// <summary>Length of a volume's or snapshot's entry, with the longest name there is, at most.</summary>
    public const int MaxVolumeEntryBytes = 52 + (2 * VolumeName.MaxPartLength) + 1;

    /// <summary>Length of a generation's entry.</summary>
    public const int GenerationEntryBytes = 25;

    /// <summary>Length of the entry of a flatten.</summary>
    public const int FlattenEntryBytes = 18;

    /// <summary>Length of the entry of a content's id.</summary>
    public const int ContentIdEntryBytes = 25;

    /// <summary>Room for what a change of a volume's promise adds to a record, at most.</summary>
    public const int MaxPromiseBytes = 64;

    private readonly Span<byte> _buffer = buffer;

    public int LengthBytes { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..LengthBytes];

    public void ExceptionPut(uint layer, long chunk, in ChunkException exception)
    {
        Byte((byte)EntryKind.ExceptionPut);
        UInt32(layer);
        Int64(chunk);
        MemoryMarshal.Write(Take(ChunkException.SizeBytes), exception);
    }

    public void LayerPut(LayerRecord layer)
    {
        Byte((byte)EntryKind.LayerPut);
        UInt32(layer.Id);
        UInt32(layer.ParentId);
        Int64(layer.VisibleChunks);
    }

    public void LayerRemove(uint layer)
    {
        Byte((byte)EntryKind.LayerRemove);
        UInt32(layer);
    }

    public void VolumePut(VolumeRecord volume)
    {
        Byte((byte)EntryKind.VolumePut);
        Int64((long)volume.Id);
        String(volume.Name);
        Byte((byte)volume.Kind);
        UInt32(volume.HeadLayer);
        Int64(volume.SizeBytes);
        Int64((long)volume.OriginId);
        Int64(volume.CreatedAtTicks);
        Int64(volume.ModifiedAtTicks);
        UInt32((uint)volume.PermissionBits);
    }

    /// <summary>A volume or snapshot whose content does not go on from what its record showed before: it gets a new generation.</summary>
    public void NewVolumePut(VolumeRecord volume)
    {
        VolumePut(volume);
        GenerationPut(volume.Id, Guid.NewGuid());
    }

    public void GenerationPut(ulong volume, Guid generation)
    {
        Byte((byte)EntryKind.GenerationPut);
        Int64((long)volume);
        _ = generation.TryWriteBytes(Take(EntryReader.GuidBytes), bigEndian: true, out _);
    }

    public void HoldPut(ulong volume, string name, long sinceTicks)
    {
        Byte((byte)EntryKind.HoldPut);
        Int64((long)volume);
        String(name);
        Int64(sinceTicks);
    }

    public void HoldRemove(ulong volume, string name)
    {
        Byte((byte)EntryKind.HoldRemove);
        Int64((long)volume);
        String(name);
    }

    public void VolumeRemove(ulong volume)
    {
        Byte((byte)EntryKind.VolumeRemove);
        Int64((long)volume);
    }

    /// <summary>What a snapshot holds, under a number that is the same in every pool.</summary>
    public void ContentIdPut(ulong volume, Guid contentId)
    {
        Byte((byte)EntryKind.ContentIdPut);
        Int64((long)volume);
        contentId.TryWriteBytes(Take(16));
    }

    /// <summary>What is being received into a volume.</summary>
    public void ReceivePut(ReceiveRecord receive)
    {
        ReceiveHead(receive.VolumeId, isUnderWay: true);
        String(receive.Target);
        String(receive.Snapshot);
        receive.ContentId.TryWriteBytes(Take(16));
        receive.BaseId.TryWriteBytes(Take(16));
        Int64(receive.SizeBytes);
        Int64(receive.SourceCreatedAtTicks);
        Int64(receive.KeptBytes);
    }

    /// <summary>Nothing is received into the volume any more.</summary>
    public void ReceiveEnd(ulong volume) => ReceiveHead(volume, isUnderWay: false);

    /// <summary>A volume is being flattened, by a job with these settings; null when it is no longer.</summary>
    public void FlattenPut(ulong volume, JobSettings? settings)
    {
        Byte((byte)EntryKind.FlattenPut);
        Int64((long)volume);
        Byte(settings is null ? (byte)0 : settings.IsPaused ? (byte)2 : (byte)1);
        Int64(settings?.RateBytesPerSecond ?? 0);
    }

    public void OriginPut(uint layer, OriginRecord origin)
    {
        Byte((byte)EntryKind.OriginPut);
        UInt32(layer);
        UInt32(origin.Id);
        String(origin.Path);
        Int64(origin.SizeBytes);
        Int64(origin.ModifiedAtTicks);
        Int64(origin.LimitBytes);
        Byte((byte)origin.Hydration);
        Int64(origin.HydratedBytes);
        Int64(origin.BytesPerSecond);
    }

    public void OriginRemove(uint layer)
    {
        Byte((byte)EntryKind.OriginRemove);
        UInt32(layer);
    }

    /// <summary>The extent is out of use for good.</summary>
    public void RetiredPut(long extent)
    {
        Byte((byte)EntryKind.RetiredPut);
        Int64(extent);
    }

    public void NodePut(NodeRecord node)
    {
        Byte((byte)EntryKind.NodePut);
        Byte(node.Index);
        String(node.Path);
        Int64(node.ExtentCount);
    }

    /// <summary>All settings: each a key and a number, so that others can be added.</summary>
    public void SettingsPut(PoolSettings settings)
    {
        Byte((byte)EntryKind.SettingsPut);
        Byte(7);
        Setting(SettingKey.NoSpacePolicy, (long)settings.NoSpace);
        Setting(SettingKey.NoSpaceTimeoutMs, settings.NoSpaceTimeoutMs);
        Setting(SettingKey.LowWater, settings.LowWater.Code);
        Setting(SettingKey.AutoExtend, settings.AutoExtend.Code);
        Setting(SettingKey.MaxSizeBytes, settings.MaxSizeBytes);
        Setting(SettingKey.Discard, (long)settings.Discard);
        Setting(SettingKey.Strict, settings.IsStrict ? 1 : 0);
    }

    public void ReservePut(ulong volume, ReservePolicy policy)
    {
        Byte((byte)EntryKind.ReservePut);
        Int64((long)volume);
        Byte((byte)policy.Mode);
        Int64(policy.EmergencyBytes);
        Byte(policy.WhenOpen ? (byte)1 : (byte)0);
    }

    /// <summary>The range is provisioned from now on.</summary>
    public void ProvisionSet(ulong volume, ChunkRange chunks) => Provision(EntryKind.ProvisionSet, volume, chunks);

    /// <summary>The range is provisioned no longer.</summary>
    public void ProvisionClear(ulong volume, ChunkRange chunks) => Provision(EntryKind.ProvisionClear, volume, chunks);

    private void Provision(EntryKind kind, ulong volume, ChunkRange chunks)
    {
        Byte((byte)kind);
        Int64((long)volume);
        Int64(chunks.First);
        Int64(chunks.Count);
    }

    private void Setting(SettingKey key, long value)
    {
        Byte((byte)key);
        Int64(value);
    }

    private void ReceiveHead(ulong volume, bool isUnderWay)
    {
        Byte((byte)EntryKind.ReceivePut);
        Int64((long)volume);
        Byte(isUnderWay ? (byte)1 : (byte)0);
    }

    private Span<byte> Take(int lengthBytes)
    {
        Span<byte> taken = _buffer.Slice(LengthBytes, lengthBytes);
        LengthBytes += lengthBytes;
        return taken;
    }

    private void Byte(byte value) => Take(1)[0] = value;

    private void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);

    private void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    private void String(string value)
    {
        int lengthBytes = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), checked((ushort)lengthBytes));
        Encoding.UTF8.GetBytes(value, Take(lengthBytes));
    }
}
