namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>What an I/O does; combined to say which ones a fault or a hold is for. Reads are never in the log.</summary>
[Flags]
public enum SimulatedIoKind
{
    Read = 0x001,
    Write = 0x002,
    Allocate = 0x004,
    Punch = 0x008,
    SetLength = 0x010,
    Flush = 0x020,
    Create = 0x040,
    Delete = 0x080,
    Rename = 0x100,
    CreateDirectory = 0x200,
    SyncDirectory = 0x400,
    Any = 0x7FF,

    /// <summary>In the log only: a flush that failed, and lost what it was to write.</summary>
    LostFlush = 0x800,
}
