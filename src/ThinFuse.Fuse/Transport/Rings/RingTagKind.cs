namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>The operations of a queue.</summary>
internal enum RingTagKind : byte
{
    /// <summary>Another thread rang.</summary>
    Wake,

    /// <summary>A request of the kernel, or the end of the connection.</summary>
    Command,

    /// <summary>A read or write of a file.</summary>
    Transfer,
}
