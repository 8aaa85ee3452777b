using System.Buffers;

namespace ThinFuse.Pool.Metadata;

/// <summary>Entries one after another, each still to be told from the next, of whatever kind it is.</summary>
internal sealed class EntryList
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];

    /// <summary>How many there are.</summary>
    public int Count => _ends.Count;

    /// <summary>The bytes of one, its kind first; valid until the next <see cref="Write"/>.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.WrittenSpan[(index == 0 ? 0 : _ends[index - 1]).._ends[index]];

    /// <summary>Adds one entry.</summary>
    public void Write(ReadOnlySpan<byte> entry)
    {
        _bytes.Write(entry);
        _ends.Add(_bytes.WrittenCount);
    }

    /// <summary>All of them as they are applied.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
