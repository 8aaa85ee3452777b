using System.Globalization;
using System.Text.Json;

namespace ThinFuse.Pool.Recovery.Dumping;

/// <summary>One line of a dump, read strictly: a field that is missing, out of range or of another sort is <see cref="InvalidDataException"/>.</summary>
internal sealed class DumpLine
{
    private readonly JsonElement _line;

    public DumpLine(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            _line = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is no JSON: {e.Message}", e);
        }

        if (_line.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException("it is no object");
        }

        Type = Text("type");
    }

    public string Type { get; }

    public bool Has(string field) => _line.TryGetProperty(field, out _);

    /// <summary>The names of all fields but one.</summary>
    public IEnumerable<string> Fields(string but) => _line.EnumerateObject().Select(property => property.Name).Where(name => name != but);

    public string Text(string field) =>
        Get(field, JsonValueKind.String).GetString()!;

    public long Number(string field, long min = 0, long max = long.MaxValue) =>
        Get(field, JsonValueKind.Number).TryGetInt64(out long value) && value >= min && value <= max ? value : throw Bad(field);

    public byte[] Hex(string field)
    {
        try
        {
            return Convert.FromHexString(Text(field));
        }
        catch (FormatException)
        {
            throw Bad(field);
        }
    }

    public ushort Mask(string field) =>
        Has(field) && ushort.TryParse(Text(field), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort mask) ? mask : throw Bad(field);

    public DateTime Time(string field) =>
        DateTime.TryParseExact(Text(field), "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTime time) ? time : throw Bad(field);

    public int Octal(string field)
    {
        string text = Text(field);
        return text.Length is > 0 and <= 8 && text.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt32(text, 8) : throw Bad(field);
    }

    public Guid Id(string field) => Guid.TryParseExact(Text(field), "D", out Guid id) ? id : throw Bad(field);

    /// <summary>What a name or number stands for.</summary>
    public T Enum<T>(string text)
        where T : struct, Enum =>
        System.Enum.TryParse(text, out T value) && Convert.ToInt64(value, CultureInfo.InvariantCulture) is >= 0 and <= byte.MaxValue ? value : throw Bad(text);

    /// <summary>What the text of a field stands for.</summary>
    public T EnumAt<T>(string field)
        where T : struct, Enum => Enum<T>(Text(field));

    private static InvalidDataException Bad(string field) => new($"'{field}' is missing, or is not what a dump writes there");

    private JsonElement Get(string field, JsonValueKind kind) =>
        _line.TryGetProperty(field, out JsonElement value) && value.ValueKind == kind ? value : throw Bad(field);
}
