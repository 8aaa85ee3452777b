namespace ThinFuse.Daemon.Supervision;

/// <summary>What a kept handle is.</summary>
internal enum KeptHandleKind : ulong
{
    /// <summary>A file that is not written.</summary>
    Reader,

    /// <summary>A directory that is read.</summary>
    Directory,

    /// <summary>A volume that was opened for writing.</summary>
    Writer,
}
