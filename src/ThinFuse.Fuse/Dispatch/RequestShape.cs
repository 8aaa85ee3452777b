using System.Runtime.CompilerServices;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>What can be said of an opcode without looking at the request.</summary>
internal static class RequestShape
{
    /// <summary>How many bytes of fixed arguments follow the header; names and data come after them.</summary>
    public static int ArgumentBytes(FuseOpcode opcode) => opcode switch
    {
        FuseOpcode.Forget => Unsafe.SizeOf<ForgetIn>(),
        FuseOpcode.BatchForget => Unsafe.SizeOf<BatchForgetIn>(),
        FuseOpcode.GetAttributes => Unsafe.SizeOf<GetAttributesIn>(),
        FuseOpcode.SetAttributes => Unsafe.SizeOf<SetAttributesIn>(),
        FuseOpcode.MakeNode => Unsafe.SizeOf<MakeNodeIn>(),
        FuseOpcode.Rename => Unsafe.SizeOf<RenameIn>(),
        FuseOpcode.Rename2 => Unsafe.SizeOf<Rename2In>(),
        FuseOpcode.Open or FuseOpcode.OpenDirectory => Unsafe.SizeOf<OpenIn>(),
        FuseOpcode.Create => Unsafe.SizeOf<CreateIn>(),
        FuseOpcode.Read or FuseOpcode.ReadDirectory or FuseOpcode.ReadDirectoryPlus => Unsafe.SizeOf<ReadIn>(),
        FuseOpcode.Write => Unsafe.SizeOf<WriteIn>(),
        FuseOpcode.Release or FuseOpcode.ReleaseDirectory => Unsafe.SizeOf<ReleaseIn>(),
        FuseOpcode.Flush => Unsafe.SizeOf<FlushIn>(),
        FuseOpcode.Fsync or FuseOpcode.FsyncDirectory => Unsafe.SizeOf<FsyncIn>(),
        FuseOpcode.SetExtendedAttribute => Unsafe.SizeOf<SetExtendedAttributeIn>(),
        FuseOpcode.GetExtendedAttribute or FuseOpcode.ListExtendedAttributes => Unsafe.SizeOf<GetExtendedAttributeIn>(),
        FuseOpcode.Access => Unsafe.SizeOf<AccessIn>(),
        FuseOpcode.Interrupt => Unsafe.SizeOf<InterruptIn>(),
        FuseOpcode.Fallocate => Unsafe.SizeOf<FallocateIn>(),
        FuseOpcode.Poll => Unsafe.SizeOf<PollIn>(),
        FuseOpcode.Seek => Unsafe.SizeOf<SeekIn>(),
        FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => Unsafe.SizeOf<CopyFileRangeIn>(),
        _ => 0,
    };

    /// <summary>Whether the kernel waits for an answer.</summary>
    public static bool WantsAnswer(FuseOpcode opcode) =>
        opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt);
}
