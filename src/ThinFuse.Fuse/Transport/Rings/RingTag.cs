namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>What a completion is about: the kind of operation, the entry, and for a transfer its slot.</summary>
internal readonly record struct RingTag(RingTagKind Kind, int Entry, int Slot = 0)
{
    private const int EntryShift = 8;
    private const int SlotShift = 32;
    private const ulong EntryMask = 0xFFFFFF;

    public static RingTag Parse(ulong tag) => new((RingTagKind)(byte)tag, (int)((tag >> EntryShift) & EntryMask), (int)(tag >> SlotShift));

    /// <summary>As it travels in a submission.</summary>
    public ulong ToWire() => (byte)Kind | ((ulong)Entry << EntryShift) | ((ulong)Slot << SlotShift);
}
