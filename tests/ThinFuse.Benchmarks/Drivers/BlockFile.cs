using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Drivers;

/// <summary>A file that is read and written with O_DIRECT in blocks of 4 KiB, one at a time. One thread.</summary>
internal sealed unsafe class BlockFile : IDisposable
{
    /// <summary>Length of a block.</summary>
    public const int BlockBytes = 4096;

    private readonly SafeFileHandle _file;
    private readonly byte* _buffer;

    public BlockFile(string path)
    {
        _file = LinuxFile.OpenDirect(path);
        _buffer = (byte*)NativeMemory.AlignedAlloc(BlockBytes, BlockBytes);
        new Span<byte>(_buffer, BlockBytes).Fill(0x5A);
    }

    /// <summary>Writes a block.</summary>
    public void Write(long block) => RandomAccess.Write(_file, new ReadOnlySpan<byte>(_buffer, BlockBytes), block * BlockBytes);

    /// <summary>Reads a block, whole.</summary>
    public void Read(long block)
    {
        if (RandomAccess.Read(_file, new Span<byte>(_buffer, BlockBytes), block * BlockBytes) != BlockBytes)
        {
            throw new EndOfStreamException($"block {block} lies behind the end");
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.AlignedFree(_buffer);
    }
}
