using System.Globalization;
using System.Text.Json;
using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Recovery.Dumping;

/// <summary>The lines of a dump: JSON objects, each with its type first.</summary>
/// <remarks>
/// <c>pool</c> comes first, <c>end</c> last. Between them: <c>node</c>, <c>settings</c> (by name of the setting), <c>layer</c> (those below first),
/// <c>volume</c>, <c>entry</c> (anything else the metadata knows: its kind by name, and its bytes in hex), and <c>run</c>: chunks of a layer, one after
/// another, whose extents ("NODE:SLOT", none when nothing but zeroes is known) follow one another and whose masks of blocks, in hex, are alike. A block in
/// both masks is lost: reading it is an error.
/// </remarks>
internal static class DumpText
{
    public const int Format = 1;

    public static string Pool(Guid id, int chunkBytes, MetadataState state) => Line(
        $"{{\"type\":\"pool\",\"format\":{Format},\"uuid\":\"{id}\",\"chunkSize\":{chunkBytes},\"nextVolume\":{state.NextVolumeId},\"nextLayer\":{state.NextLayerId}}}");

    public static string End(long runs) => Line($"{{\"type\":\"end\",\"runs\":{runs}}}");

    /// <summary>An entry by its fields when it has a form with fields that holds all of it, else as bytes.</summary>
    public static string Entry(ReadOnlySpan<byte> entry)
    {
        try
        {
            string? line = Named(entry, out byte[] again);
            if (line is not null && entry.SequenceEqual(again))
            {
                return line;
            }
        }
        catch (InvalidDataException)
        {
            // As bytes it is whole in any case.
        }

        return Line($"{{\"type\":\"entry\",\"kind\":\"{KindName((EntryKind)entry[0])}\",\"hex\":\"{Convert.ToHexStringLower(entry)}\"}}");
    }

    public static string Run(uint layer, long chunk, long count, in ChunkException first)
    {
        string extent = first.HasExtent ? Line($",\"extent\":\"{ExtentAddress.NodeOf(first.Extent)}:{ExtentAddress.SlotOf(first.Extent)}\"") : "";
        string flags = first.Flags == 0 ? "" : Line($",\"flags\":{first.Flags}");
        return Line(
            $"{{\"type\":\"run\",\"layer\":{layer},\"chunk\":{chunk},\"count\":{count}{extent},\"present\":\"{first.PresentBlocks | first.LostBlocks:x4}\",\"zero\":\"{first.ZeroBlocks | first.LostBlocks:x4}\"{flags}}}");
    }

    /// <summary>The name of a kind, or its number when it has none.</summary>
    public static string KindName(EntryKind kind) => Enum.IsDefined(kind) ? kind.ToString() : ((byte)kind).ToString(CultureInfo.InvariantCulture);

    private static string? Named(ReadOnlySpan<byte> entry, out byte[] again)
    {
        EntryReader reader = new(entry);
        EntryWriter writer = new(new byte[EntryWriter.MaxEntryBytes]);
        string? line = null;
        switch (reader.Kind())
        {
            case EntryKind.NodePut:
                NodeRecord node = reader.Node();
                writer.NodePut(node);
                line = Line($"{{\"type\":\"node\",\"index\":{node.Index},\"path\":\"{JsonEncodedText.Encode(node.Path)}\",\"extents\":{node.ExtentCount}}}");
                break;
            case EntryKind.LayerPut:
                LayerRecord layer = reader.Layer();
                writer.LayerPut(layer);
                line = Line($"{{\"type\":\"layer\",\"id\":{layer.Id},\"parent\":{layer.ParentId},\"visibleChunks\":{layer.VisibleChunks}}}");
                break;
            case EntryKind.VolumePut:
                VolumeRecord volume = reader.Volume();
                writer.VolumePut(volume);
                line = Volume(volume);
                break;
            case EntryKind.SettingsPut:
                (line, again) = Settings(ref reader);
                return line;
        }

        again = writer.Written.ToArray();
        return line;
    }

    private static string Volume(VolumeRecord volume) => Line(
        $"{{\"type\":\"volume\",\"id\":{volume.Id},\"name\":\"{JsonEncodedText.Encode(volume.Name)}\",\"kind\":\"{JsonNamingPolicy.CamelCase.ConvertName(volume.Kind.ToString())}\",\"layer\":{volume.HeadLayer},")
        + Line($"\"size\":{volume.SizeBytes},\"origin\":{volume.OriginId},\"created\":\"{Time(volume.CreatedAtTicks)}\",\"modified\":\"{Time(volume.ModifiedAtTicks)}\",")
        + $"\"mode\":\"0{Convert.ToString(volume.PermissionBits, 8)}\"}}";

    private static (string Line, byte[] Again) Settings(ref EntryReader reader)
    {
        byte count = reader.Byte();
        List<(SettingKey Key, long Value)> settings = [];
        for (int i = 0; i < count; i++)
        {
            settings.Add(((SettingKey)reader.Byte(), reader.Int64()));
        }

        return (
            "{\"type\":\"settings\"" + string.Concat(settings.Select(setting => Line($",\"{setting.Key}\":{setting.Value}"))) + "}",
            DumpEntries.Settings(settings));
    }

    private static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("O", CultureInfo.InvariantCulture);

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
