using System.Buffers.Binary;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Dumping;

/// <summary>Turns lines of a dump back into the entries they came from.</summary>
internal static class DumpEntries
{
    /// <summary>All settings as they stand in the metadata, whatever they are.</summary>
    public static byte[] Settings(IReadOnlyCollection<(SettingKey Key, long Value)> settings)
    {
        byte[] entry = new byte[2 + (settings.Count * (1 + sizeof(long)))];
        entry[0] = (byte)EntryKind.SettingsPut;
        entry[1] = checked((byte)settings.Count);
        int at = 2;
        foreach ((SettingKey key, long value) in settings)
        {
            entry[at] = (byte)key;
            BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(at + 1), value);
            at += 1 + sizeof(long);
        }

        return entry;
    }

    /// <summary>The entry of a line; nothing for a line that is none.</summary>
    /// <exception cref="InvalidDataException">The line is not what a dump writes.</exception>
    public static ReadOnlySpan<byte> Of(DumpLine line)
    {
        EntryWriter entry = new(new byte[EntryWriter.MaxEntryBytes]);
        switch (line.Type)
        {
            case "node":
                entry.NodePut(new((byte)line.Number("index", 0, 254), line.Text("path"), line.Number("extents", 1)));
                return entry.Written;
            case "layer":
                entry.LayerPut(new((uint)line.Number("id", 1, uint.MaxValue - 1), (uint)line.Number("parent", 0, uint.MaxValue), line.Number("visibleChunks")));
                return entry.Written;
            case "volume":
                entry.VolumePut(Volume(line));
                return entry.Written;
            case "settings":
                return Settings([.. line.Fields("type").Select(field => (line.Enum<SettingKey>(field), line.Number(field, long.MinValue)))]);
            case "entry":
                byte[] bytes = line.Hex("hex");
                return bytes.Length > 0 && bytes[0] == (byte)line.EnumAt<EntryKind>("kind") ? bytes : throw new InvalidDataException("its bytes are of another kind");
            default:
                return default;
        }
    }

    private static VolumeRecord Volume(DumpLine line) => new(
        (ulong)line.Number("id", 1),
        line.Text("name"),
        Enum.TryParse(line.Text("kind"), ignoreCase: true, out VolumeKind kind) && Enum.IsDefined(kind)
            ? kind
            : throw new InvalidDataException("its kind is none"),
        (uint)line.Number("layer", 1, uint.MaxValue),
        line.Number("size", 0, Geometry.MaxVolumeBytes),
        (ulong)line.Number("origin"),
        line.Time("created").Ticks,
        line.Time("modified").Ticks,
        line.Octal("mode"));
}
