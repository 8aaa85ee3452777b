using System.Runtime.InteropServices;
using System.Text;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class DirectoryTests
{
    private const int EntryBytes = 32;
    private const int EntryPlusBytes = 160;

    [Theory]
    [InlineData(FuseOpcode.ReadDirectory, EntryBytes)]
    [InlineData(FuseOpcode.ReadDirectoryPlus, EntryPlusBytes)]
    public void A_directory_read_in_pieces_gives_each_entry_once(FuseOpcode opcode, int entryBytes)
    {
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new RecordingFileSystem(), new CapturingLogger());
        foreach (int sizeBytes in new[] { entryBytes, (2 * entryBytes) + 1, (3 * entryBytes) - 1, 65536 })
        {
            List<string> names = [];
            ulong offset = 0;
            int pieces = 0;
            byte[] body;
            while ((body = Read(kernel, opcode, offset, sizeBytes)).Length > 0)
            {
                body.Length.Should().BeLessThanOrEqualTo(sizeBytes);
                pieces++;
                offset = Collect(body, opcode == FuseOpcode.ReadDirectoryPlus, names);
            }

            names.Should().Equal(Enumerable.Range(0, 10).Select(i => $"entry-{i}"));
            pieces.Should().Be((10 + (sizeBytes / entryBytes) - 1) / (sizeBytes / entryBytes));
        }
    }

    [Theory]
    [InlineData(FuseOpcode.ReadDirectory, EntryBytes)]
    [InlineData(FuseOpcode.ReadDirectoryPlus, EntryPlusBytes)]
    public void An_entry_that_does_not_fit_is_not_begun(FuseOpcode opcode, int entryBytes)
    {
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new RecordingFileSystem(), new CapturingLogger());

        Read(kernel, opcode, 0, entryBytes - 1).Should().BeEmpty();
        Read(kernel, opcode, 0, 0).Should().BeEmpty();
    }

    private static byte[] Read(FakeKernel kernel, FuseOpcode opcode, ulong offset, int sizeBytes)
    {
        FakeReply reply = kernel.Call(opcode, 1, Bytes.Of(new ReadIn { Handle = 12, Offset = offset, Size = (uint)sizeBytes }));
        reply.Error.Should().Be(0);
        return reply.Body;
    }

    private static ulong Collect(byte[] body, bool plus, List<string> names)
    {
        ulong last = 0;
        for (int at = 0; at < body.Length;)
        {
            if (plus)
            {
                EntryOut entry = MemoryMarshal.Read<EntryOut>(body.AsSpan(at));
                entry.NodeId.Should().Be(entry.Attributes.Inode).And.Be(100 + (ulong)names.Count);
                at += Marshal.SizeOf<EntryOut>();
            }

            DirectoryEntry head = MemoryMarshal.Read<DirectoryEntry>(body.AsSpan(at));
            head.Inode.Should().Be(100 + (ulong)names.Count);
            head.Type.Should().Be(8, "DT_REG");
            names.Add(Encoding.UTF8.GetString(body, at + Marshal.SizeOf<DirectoryEntry>(), (int)head.NameLength));
            last = head.NextOffset;
            at += (Marshal.SizeOf<DirectoryEntry>() + (int)head.NameLength + 7) & ~7;
        }

        return last;
    }
}
