using System.Text;

namespace ThinFuse.Cli.Addressing;

/// <summary>The kernel's mount table as this process sees it.</summary>
internal static class MountTable
{
    private const string FilePath = "/proc/self/mountinfo";

    /// <summary>Reads the table; later entries hide earlier ones at the same place.</summary>
    public static IReadOnlyList<MountEntry> Read() => Parse(File.ReadLines(FilePath));

    /// <summary>What is mounted at exactly this place, on top; null when nothing is.</summary>
    public static MountEntry? Find(IReadOnlyList<MountEntry> table, string mountPoint) =>
        table.LastOrDefault(entry => entry.MountPoint == mountPoint);

    /// <summary>Reads lines in the form of proc(5); a line in any other form is left out.</summary>
    public static IReadOnlyList<MountEntry> Parse(IEnumerable<string> lines)
    {
        List<MountEntry> table = [];
        foreach (string line in lines)
        {
            // id parent major:minor root mount-point options optional-fields... - type source super-options
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (separator >= 0 && fields.Length >= separator + 4)
            {
                table.Add(new MountEntry(
                    fields[2],
                    Decode(fields[4]),
                    Decode(fields[separator + 1]),
                    Decode(fields[separator + 2]),
                    fields[separator + 3].Split(',')));
            }
        }

        return table;
    }

    /// <summary>Undoes the kernel's escapes: \040 for a blank, \011, \012, \134, \043. Bytes that are escaped one by one form UTF-8
    /// together.</summary>
    internal static string Decode(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        byte[] source = Encoding.UTF8.GetBytes(field);
        int length = 0;
        for (int i = 0; i < source.Length; i++)
        {
            bool escape = source[i] == '\\' && i + 3 < source.Length && IsOctal(source, i + 1);
            source[length++] = escape
                ? (byte)(((source[i + 1] - '0') << 6) | ((source[i + 2] - '0') << 3) | (source[i + 3] - '0'))
                : source[i];
            i += escape ? 3 : 0;
        }

        return Encoding.UTF8.GetString(source, 0, length);
    }

    private static bool IsOctal(byte[] source, int start) =>
        source[start] is >= (byte)'0' and <= (byte)'3'
        && source[start + 1] is >= (byte)'0' and <= (byte)'7'
        && source[start + 2] is >= (byte)'0' and <= (byte)'7';
}
