using System.Globalization;

namespace ThinFuse.FaultyDisk;

/// <summary>
/// What is bad: lines of <c>read FROM TO ERRNO</c>, <c>write FROM TO ERRNO</c> or <c>flush ERRNO</c>, in bytes. Looked at for each request, so that a test says at
/// any time what is to fail from then on. Thread-safe.
/// </summary>
internal sealed class FaultFile(string path)
{
    /// <summary>The errno of an I/O, or 0 when its place is good.</summary>
    public int ErrnoOf(string kind, long offsetBytes, long lengthBytes)
    {
        foreach (string[] words in Lines(kind))
        {
            if (Number(words[1]) < offsetBytes + lengthBytes && offsetBytes < Number(words[2]))
            {
                return (int)Number(words[3]);
            }
        }

        return 0;
    }

    /// <summary>The errno of a flush, or 0.</summary>
    public int ErrnoOfFlush() => Lines("flush").Select(words => (int)Number(words[1])).FirstOrDefault();

    private IEnumerable<string[]> Lines(string kind) =>
        !File.Exists(path) ? [] : File.ReadAllLines(path).Select(line => line.Split(' ')).Where(words => words[0] == kind);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
