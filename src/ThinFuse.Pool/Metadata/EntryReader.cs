using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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

/// <summary>Reads what <see cref="EntryWriter"/> wrote. Bytes that are no entry are <see cref="InvalidDataException"/>, never an index past the end.</summary>
internal ref struct EntryReader(ReadOnlySpan<byte> data)
{
    /// <summary>Length of a 128-bit id.</summary>
    public const int GuidBytes = 16;

    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public EntryKind Kind() => (EntryKind)Byte();

    public ChunkException Exception(out uint layer, out long chunk)
    {
        // One step, not three: a journal's tail is mostly these.
        ReadOnlySpan<byte> entry = Take(sizeof(uint) + sizeof(long) + ChunkException.SizeBytes);
        layer = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        chunk = BinaryPrimitives.ReadInt64LittleEndian(entry[sizeof(uint)..]);
        return Unsafe.ReadUnaligned<ChunkException>(in entry[sizeof(uint) + sizeof(long)]);
    }

    public LayerRecord Layer() => new(UInt32(), UInt32(), Int64());

    public VolumeRecord Volume() =>
        new((ulong)Int64(), String(), (VolumeKind)Byte(), UInt32(), Int64(), (ulong)Int64(), Int64(), Int64(), (int)UInt32());

    public (ulong Volume, Guid Generation) Generation() => ((ulong)Int64(), new Guid(Take(GuidBytes), bigEndian: true));

    public (ulong Volume, string Name, long SinceTicks) Hold() => ((ulong)Int64(), String(), Int64());

    public (ulong Volume, string Name) HoldRemoval() => ((ulong)Int64(), String());

    public (ulong Volume, Guid ContentId) ContentId() => ((ulong)Int64(), Guid());

    /// <summary>What is being received into a volume; null when nothing is any more.</summary>
    public (ulong Volume, ReceiveRecord? Receive) Receive()
    {
        ulong volume = (ulong)Int64();
        return (volume, Byte() == 0 ? null : new ReceiveRecord(volume, String(), String(), Guid(), Guid(), Int64(), Int64(), Int64()));
    }

    /// <summary>How a volume is being flattened; null when it is no longer.</summary>
    public (ulong Volume, JobSettings? Settings) Flatten()
    {
        ulong volume = (ulong)Int64();
        byte state = Byte();
        long bytesPerSecond = Int64();
        return state <= 2 && bytesPerSecond >= 0
            ? (volume, state == 0 ? null : new JobSettings(state == 2, bytesPerSecond))
            : throw new InvalidDataException("a metadata record holds a flatten that cannot be");
    }

    public (uint Layer, OriginRecord Origin) Origin()
    {
        uint layer = UInt32();
        OriginRecord origin = new(UInt32(), String(), Int64(), Int64(), Int64(), (HydrationState)Byte(), Int64(), Int64());
        bool isSane = origin.Id is not (0 or uint.MaxValue) && origin.LimitBytes is >= 0 and <= Geometry.MaxVolumeBytes && origin.SizeBytes >= 0
            && origin.Hydration <= HydrationState.Paused && origin.HydratedBytes >= 0 && origin.BytesPerSecond >= 0
            && origin.ModifiedAtTicks >= 0 && origin.ModifiedAtTicks <= DateTime.MaxValue.Ticks;
        return isSane ? (layer, origin) : throw new InvalidDataException("a metadata record holds an external origin that cannot be");
    }

    public NodeRecord Node() => new(Byte(), String(), Int64());

    public PoolSettings Settings()
    {
        PoolSettings settings = new();
        for (int count = Byte(); count > 0; count--)
        {
            SettingKey key = (SettingKey)Byte();
            long value = Int64();
            settings = key switch
            {
                SettingKey.NoSpacePolicy when value is (long)NoSpacePolicy.Error or (long)NoSpacePolicy.Queue =>
                    settings with { NoSpace = (NoSpacePolicy)value },
                SettingKey.NoSpaceTimeoutMs when value >= 0 => settings with { NoSpaceTimeoutMs = value },
                SettingKey.LowWater when SpaceAmount.TryDecode(value, out SpaceAmount mark) => settings with { LowWater = mark },
                SettingKey.AutoExtend when SpaceAmount.TryDecode(value, out SpaceAmount step) => settings with { AutoExtend = step },
                SettingKey.MaxSizeBytes when value >= 0 => settings with { MaxSizeBytes = value },
                SettingKey.Discard when value is (long)DiscardPolicy.Keep or (long)DiscardPolicy.Passdown =>
                    settings with { Discard = (DiscardPolicy)value },
                SettingKey.Strict when value is 0 or 1 => settings with { IsStrict = value == 1 },
                _ => throw new InvalidDataException("a metadata record holds a setting of unknown kind or value"),
            };
        }

        return settings;
    }

    public (ulong Volume, ReservePolicy Policy) Reserve()
    {
        ulong volume = (ulong)Int64();
        ReservePolicy policy = new((ReserveMode)Byte(), EmergencyBytes: Int64(), WhenOpen: Byte() != 0);
        try
        {
            policy.Validate();
        }
        catch (PoolException e)
        {
            throw new InvalidDataException($"a metadata record holds a reserve policy that makes no sense: {e.Message}", e);
        }

        return (volume, policy);
    }

    public (ulong Volume, ChunkRange Chunks) Provision()
    {
        ulong volume = (ulong)Int64();
        long first = Int64();
        long count = Int64();
        return first < 0 || count < 0 || first > Geometry.MaxVolumeBytes || count > Geometry.MaxVolumeBytes
            ? throw new InvalidDataException("a metadata record provisions chunks that no volume has")
            : (volume, new ChunkRange(first, first + count));
    }

    public byte Byte() => Take(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public ReadOnlySpan<byte> Bytes(int lengthBytes) => Take(lengthBytes);

    private Guid Guid() => new(Take(16));

    private string String() => Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)))));

    private ReadOnlySpan<byte> Take(int lengthBytes)
    {
        if (lengthBytes > _rest.Length)
        {
            throw new InvalidDataException("a metadata record ends too early");
        }

        ReadOnlySpan<byte> taken = _rest[..lengthBytes];
        _rest = _rest[lengthBytes..];
        return taken;
    }
}
