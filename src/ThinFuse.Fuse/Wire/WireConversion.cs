using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Wire;

/// <summary>Turns the public values into the kernel's structs and back.</summary>
internal static class WireConversion
{
    public static WireAttributes ToWire(in FuseAttributes attributes) => new()
    {
        Inode = attributes.Inode,
        Size = (ulong)attributes.SizeBytes,
        Blocks = (ulong)attributes.Blocks512,
        AccessSeconds = attributes.AccessTime.Seconds,
        AccessNanoseconds = attributes.AccessTime.Nanoseconds,
        ModificationSeconds = attributes.ModificationTime.Seconds,
        ModificationNanoseconds = attributes.ModificationTime.Nanoseconds,
        ChangeSeconds = attributes.ChangeTime.Seconds,
        ChangeNanoseconds = attributes.ChangeTime.Nanoseconds,
        Mode = attributes.Mode,
        Links = attributes.Links,
        UserId = attributes.UserId,
        GroupId = attributes.GroupId,
        Device = attributes.Device,
        BlockSize = attributes.BlockSizeBytes,
    };

    public static EntryOut ToWire(in FuseEntry entry)
    {
        (ulong entrySeconds, uint entryNanoseconds) = Split(entry.EntryValidity);
        (ulong attributesSeconds, uint attributesNanoseconds) = Split(entry.AttributesValidity);
        return new EntryOut
        {
            NodeId = entry.NodeId,
            Generation = entry.Generation,
            EntryValidSeconds = entrySeconds,
            EntryValidNanoseconds = entryNanoseconds,
            AttributesValidSeconds = attributesSeconds,
            AttributesValidNanoseconds = attributesNanoseconds,
            Attributes = ToWire(entry.Attributes),
        };
    }

    public static AttributesOut ToWire(in FuseAttributes attributes, TimeSpan validity)
    {
        (ulong seconds, uint nanoseconds) = Split(validity);
        return new AttributesOut { ValidSeconds = seconds, ValidNanoseconds = nanoseconds, Attributes = ToWire(attributes) };
    }

    public static StatFsOut ToWire(in FuseStatistics statistics) => new()
    {
        Blocks = statistics.Blocks,
        FreeBlocks = statistics.FreeBlocks,
        AvailableBlocks = statistics.AvailableBlocks,
        Files = statistics.Files,
        FreeFiles = statistics.FreeFiles,
        BlockSize = statistics.BlockSizeBytes,
        FragmentSize = statistics.BlockSizeBytes,
        NameLength = statistics.MaxNameBytes,
    };

    public static FuseAttributeChange FromWire(in SetAttributesIn change)
    {
        SetAttributesValid valid = change.Valid;
        return new FuseAttributeChange
        {
            Handle = valid.HasFlag(SetAttributesValid.Handle) ? change.Handle : null,
            SizeBytes = valid.HasFlag(SetAttributesValid.Size) ? (long)change.Size : null,
            Mode = valid.HasFlag(SetAttributesValid.Mode) ? change.Mode : null,
            UserId = valid.HasFlag(SetAttributesValid.UserId) ? change.UserId : null,
            GroupId = valid.HasFlag(SetAttributesValid.GroupId) ? change.GroupId : null,
            AccessTime = Time(
                valid, SetAttributesValid.AccessTime, SetAttributesValid.AccessTimeNow, new(change.AccessSeconds, change.AccessNanoseconds)),
            ModificationTime = Time(
                valid,
                SetAttributesValid.ModificationTime,
                SetAttributesValid.ModificationTimeNow,
                new(change.ModificationSeconds, change.ModificationNanoseconds)),
            ChangeTime = Time(valid, SetAttributesValid.ChangeTime, 0, new(change.ChangeSeconds, change.ChangeNanoseconds)),
        };
    }

    private static FuseTimeChange Time(SetAttributesValid valid, SetAttributesValid given, SetAttributesValid now, FuseTimestamp value)
    {
        if ((valid & now) != 0)
        {
            return new FuseTimeChange(FuseTimeChangeKind.Now, default);
        }

        return (valid & given) != 0 ? new FuseTimeChange(FuseTimeChangeKind.Given, value) : default;
    }

    private static (ulong Seconds, uint Nanoseconds) Split(TimeSpan validity)
    {
        (long seconds, long rest) = Math.DivRem(Math.Max(validity.Ticks, 0), TimeSpan.TicksPerSecond);
        return ((ulong)seconds, (uint)(rest * TimeSpan.NanosecondsPerTick));
    }
}
