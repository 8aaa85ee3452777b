using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Supervision;

/// <summary>A change that a request asked for, as it lies in the restart memory.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct KeptChange
{
    public const int SizeBytes = 512;

    /// <summary>The longest name that a volume or snapshot can have is shorter.</summary>
    public const int MostNameBytes = SizeBytes - 40;

    /// <summary>How far it is. Written last.</summary>
    public KeptChangeState State;

    /// <summary>What the request asked for (<see cref="Fuse.Wire.FuseOpcode"/>).</summary>
    public uint Opcode;

    /// <summary>The number of the request.</summary>
    public ulong Request;

    /// <summary>The volume that it is about, where it is about one that exists.</summary>
    public ulong Volume;

    /// <summary>What the answer says; before it is done, what it says at most.</summary>
    public ulong Result;

    /// <summary>Length of <see cref="Name"/>.</summary>
    public int NameBytes;

    /// <summary>The name that it makes or removes, UTF-8.</summary>
    public fixed byte Name[MostNameBytes];
}
