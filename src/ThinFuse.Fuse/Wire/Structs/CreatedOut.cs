using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>The answer to CREATE: fuse_entry_out and fuse_open_out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CreatedOut
{
    public EntryOut Entry;
    public OpenOut Open;
}
