using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Benchmarks.Micro;

/// <summary>Taking requests apart.</summary>
public class WireBenchmarks
{
    private const int DataBytes = 4096;

    private readonly byte[] _write = RequestOf(FuseOpcode.Write, new WriteIn { Handle = 1, Offset = 4096, Size = DataBytes }, new byte[DataBytes]);
    private readonly byte[] _lookup = RequestOf(FuseOpcode.Lookup, [.. "vm1@monday"u8, 0]);

    [Benchmark]
    public ulong Decoding_a_write()
    {
        FuseReader reader = Open(_write);
        return reader.TryReadArguments(out WriteIn write) && reader.Rest.Length == write.Size ? write.Offset : 0;
    }

    [Benchmark]
    public int Decoding_a_lookup()
    {
        FuseReader reader = Open(_lookup);
        return reader.TryReadName(out ReadOnlySpan<byte> name) ? name.Length : 0;
    }

    private static FuseReader Open(ReadOnlySpan<byte> request)
    {
        InHeader header = MemoryMarshal.Read<InHeader>(request);
        ReadOnlySpan<byte> body = request[Unsafe.SizeOf<InHeader>()..(int)header.Length];
        int argumentBytes = RequestShape.ArgumentBytes(header.Opcode);
        return new FuseReader(body[..argumentBytes], body[argumentBytes..]);
    }

    private static byte[] RequestOf<T>(FuseOpcode opcode, T arguments, byte[] payload)
        where T : unmanaged => RequestOf(opcode, [.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in arguments)), .. payload]);

    private static byte[] RequestOf(FuseOpcode opcode, byte[] body)
    {
        InHeader header = new() { Length = (uint)(Unsafe.SizeOf<InHeader>() + body.Length), Opcode = opcode, Unique = 2, NodeId = 1 };
        return [.. MemoryMarshal.AsBytes(new ReadOnlySpan<InHeader>(in header)), .. body];
    }
}
