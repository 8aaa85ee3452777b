using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>For each opcode that has arguments, a request that is well-formed, and every shorter form of it is not.</summary>
internal static class RequestSamples
{
    public static IReadOnlyList<(FuseOpcode Opcode, byte[] Body)> All { get; } =
    [
        (FuseOpcode.Lookup, Bytes.Name("vm1")),
        (FuseOpcode.Forget, Bytes.Of(new ForgetIn { Lookups = 1 })),
        (FuseOpcode.BatchForget, [.. Bytes.Of(new BatchForgetIn { Count = 2 }), .. Bytes.Of(default(ForgetOne)), .. Bytes.Of(default(ForgetOne))]),
        (FuseOpcode.GetAttributes, Bytes.Of(default(GetAttributesIn))),
        (FuseOpcode.SetAttributes, Bytes.Of(default(SetAttributesIn))),
        (FuseOpcode.MakeNode, [.. Bytes.Of(default(MakeNodeIn)), .. Bytes.Name("a")]),
        (FuseOpcode.Unlink, Bytes.Name("a")),
        (FuseOpcode.Rename, [.. Bytes.Of(default(RenameIn)), .. Bytes.Name("a"), .. Bytes.Name("b")]),
        (FuseOpcode.Rename2, [.. Bytes.Of(default(Rename2In)), .. Bytes.Name("a"), .. Bytes.Name("b")]),
        (FuseOpcode.Open, Bytes.Of(default(OpenIn))),
        (FuseOpcode.Create, [.. Bytes.Of(default(CreateIn)), .. Bytes.Name("a")]),
        (FuseOpcode.Read, Bytes.Of(new ReadIn { Size = 16 })),
        (FuseOpcode.Write, [.. Bytes.Of(new WriteIn { Size = 16 }), .. new byte[16]]),
        (FuseOpcode.Flush, Bytes.Of(default(FlushIn))),
        (FuseOpcode.Release, Bytes.Of(default(ReleaseIn))),
        (FuseOpcode.Fsync, Bytes.Of(default(FsyncIn))),
        (FuseOpcode.Fallocate, Bytes.Of(new FallocateIn { Length = 1 })),
        (FuseOpcode.Poll, Bytes.Of(default(PollIn))),
        (FuseOpcode.Seek, Bytes.Of(new SeekIn { Origin = FuseSeekOrigin.Data })),
        (FuseOpcode.CopyFileRange, Bytes.Of(default(CopyFileRangeIn))),
        (FuseOpcode.CopyFileRange64, Bytes.Of(default(CopyFileRangeIn))),
        (FuseOpcode.OpenDirectory, Bytes.Of(default(OpenIn))),
        (FuseOpcode.ReadDirectory, Bytes.Of(new ReadIn { Size = 4096 })),
        (FuseOpcode.ReadDirectoryPlus, Bytes.Of(new ReadIn { Size = 4096 })),
        (FuseOpcode.ReleaseDirectory, Bytes.Of(default(ReleaseIn))),
        (FuseOpcode.FsyncDirectory, Bytes.Of(default(FsyncIn))),
        (FuseOpcode.GetExtendedAttribute, [.. Bytes.Of(default(GetExtendedAttributeIn)), .. Bytes.Name("user.a")]),
        (FuseOpcode.ListExtendedAttributes, Bytes.Of(default(GetExtendedAttributeIn))),
        (FuseOpcode.SetExtendedAttribute, [.. Bytes.Of(new SetExtendedAttributeIn { Size = 2 }), .. Bytes.Name("user.a"), 1, 2]),
        (FuseOpcode.RemoveExtendedAttribute, Bytes.Name("user.a")),
        (FuseOpcode.Access, Bytes.Of(default(AccessIn))),
        (FuseOpcode.Interrupt, Bytes.Of(default(InterruptIn))),
    ];

    public static bool WantsAnswer(FuseOpcode opcode) => opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt);
}
