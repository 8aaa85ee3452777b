namespace ThinFuse.Pool.Tests.Engine;

/// <summary>What a pool should hold: a plain array a name.</summary>
internal sealed class ModelPool
{
    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    public byte[] this[string name] => Files[name];

    /// <summary>A state that later changes leave alone; arrays are replaced, never changed in place.</summary>
    public SortedDictionary<string, byte[]> Freeze() => new(Files, StringComparer.Ordinal);

    public void Write(string name, long offset, ReadOnlySpan<byte> data)
    {
        byte[] before = Files[name];
        long end = Math.Max(before.Length, (offset + data.Length + 511) / 512 * 512);
        byte[] after = new byte[end];
        before.CopyTo(after, 0);
        data.CopyTo(after.AsSpan((int)offset));
        Files[name] = after;
    }

    public void Punch(string name, long offset, long length)
    {
        byte[] after = (byte[])Files[name].Clone();
        long end = Math.Min(after.Length, offset + length);
        if (offset < end)
        {
            after.AsSpan((int)offset, (int)(end - offset)).Clear();
        }

        Files[name] = after;
    }

    public void Resize(string name, long size)
    {
        byte[] after = new byte[size];
        byte[] before = Files[name];
        before.AsSpan(0, (int)Math.Min(size, before.Length)).CopyTo(after);
        Files[name] = after;
    }
}
