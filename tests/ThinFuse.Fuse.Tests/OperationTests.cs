using System.Text;
using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class OperationTests : IDisposable
{
    private readonly FakeKernel _kernel = new();
    private readonly RecordingFileSystem _fileSystem = new();
    private readonly CapturingLogger _logger = new();
    private readonly FuseSession _session;

    public OperationTests()
    {
        _session = _kernel.Start(_fileSystem, _logger);
        _fileSystem.Calls.Clear();
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _session.Dispose();
        _logger.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Lookup_gives_the_entry_and_the_caller()
    {
        EntryOut entry = _kernel.Call(FuseOpcode.Lookup, 1, Bytes.Name("vm1")).As<EntryOut>();

        (entry.NodeId, entry.Generation).Should().Be((42ul, 3ul));
        (entry.EntryValidSeconds, entry.EntryValidNanoseconds).Should().Be((1ul, 500_000_000u));
        (entry.AttributesValidSeconds, entry.AttributesValidNanoseconds).Should().Be((2ul, 250_000_000u));
        Expect(entry.Attributes);
        Called("lookup 1 vm1 uid 1001 gid 1002 pid 1003");
    }

    [Fact]
    public void Forget_and_batch_forget_arrive_and_are_not_answered()
    {
        _kernel.Send(FuseOpcode.Forget, 42, Bytes.Of(new ForgetIn { Lookups = 3 }));
        _kernel.Send(
            FuseOpcode.BatchForget,
            0,
            Bytes.Of(new BatchForgetIn { Count = 2 }),
            Bytes.Of(new ForgetOne { NodeId = 43, Lookups = 1 }),
            Bytes.Of(new ForgetOne { NodeId = 44, Lookups = 2 }));
        while (_fileSystem.Calls.Count < 3)
        {
            _kernel.Call(FuseOpcode.StatFs, 1);
        }

        _fileSystem.Calls.Should().BeEquivalentTo("forget 42 3", "forget 43 1", "forget 44 2");
    }

    [Fact]
    public void Attributes_are_read_with_and_without_a_handle()
    {
        AttributesOut attributes = _kernel.Call(FuseOpcode.GetAttributes, 42, Bytes.Of(default(GetAttributesIn))).As<AttributesOut>();
        (attributes.ValidSeconds, attributes.ValidNanoseconds).Should().Be((1ul, 500_000_000u));
        Expect(attributes.Attributes);
        _kernel.Call(FuseOpcode.GetAttributes, 42, Bytes.Of(new GetAttributesIn { Flags = 1, Handle = 9 })).Error.Should().Be(0);
        Called("getattr 42 ", "getattr 42 9");
    }

    [Fact]
    public void A_change_of_attributes_names_what_changes_and_nothing_else()
    {
        _kernel.Call(FuseOpcode.SetAttributes, 42, Bytes.Of(new SetAttributesIn
        {
            Valid = SetAttributesValid.Size | SetAttributesValid.Handle | SetAttributesValid.ModificationTime | SetAttributesValid.AccessTime
                | SetAttributesValid.AccessTimeNow,
            Handle = 9,
            Size = 4096,
            Mode = 0x1FF,
            ModificationSeconds = -5,
            ModificationNanoseconds = 7,
        })).As<AttributesOut>();
        _kernel.Call(FuseOpcode.SetAttributes, 42, Bytes.Of(new SetAttributesIn
        {
            Valid = SetAttributesValid.Mode | SetAttributesValid.UserId | SetAttributesValid.GroupId,
            Mode = 0x1FF,
            UserId = 1,
            GroupId = 2,
        })).As<AttributesOut>();
        Called(
            "setattr " + new FuseAttributeChange
            {
                Handle = 9,
                SizeBytes = 4096,
                AccessTime = new(FuseTimeChangeKind.Now, default),
                ModificationTime = new(FuseTimeChangeKind.Given, new(-5, 7)),
            },
            "setattr " + new FuseAttributeChange { Mode = 0x1FF, UserId = 1, GroupId = 2 });
    }

    [Fact]
    public void Names_are_made_renamed_and_removed()
    {
        _kernel.Call(FuseOpcode.MakeNode, 1, Bytes.Of(new MakeNodeIn { Mode = 0x81A4 }), Bytes.Name("a")).As<EntryOut>();
        CreatedOut created = _kernel.Call(
            FuseOpcode.Create, 1, Bytes.Of(new CreateIn { Flags = FuseFileFlags.ReadWrite | FuseFileFlags.Exclusive, Mode = 0x81A4 }), Bytes.Name("b"))
            .As<CreatedOut>();
        (created.Entry.NodeId, created.Open.Handle, created.Open.Flags).Should().Be((42ul, 11ul, FuseOpenFlags.KeepCache));
        Ok(_kernel.Call(FuseOpcode.Rename, 1, Bytes.Of(new RenameIn { NewDirectory = 7 }), Bytes.Name("a"), Bytes.Name("c")));
        Ok(_kernel.Call(
            FuseOpcode.Rename2, 1, Bytes.Of(new Rename2In { NewDirectory = 7, Flags = FuseRenameFlags.NoReplace }), Bytes.Name("c"), Bytes.Name("d")));
        Ok(_kernel.Call(FuseOpcode.Unlink, 1, Bytes.Name("d")));
        Called("mknod a 81a4", "create b ReadWrite, Exclusive 81a4", "rename a 7 c None", "rename c 7 d NoReplace", "unlink d");
    }

    [Fact]
    public void An_open_file_lives_from_open_to_release()
    {
        OpenOut open = _kernel.Call(FuseOpcode.Open, 42, Bytes.Of(new OpenIn { Flags = FuseFileFlags.ReadWrite })).As<OpenOut>();
        (open.Handle, open.Flags).Should().Be((9ul, FuseOpenFlags.DirectIo | FuseOpenFlags.ParallelDirectWrites));
        Ok(_kernel.Call(FuseOpcode.Fsync, 42, Bytes.Of(new FsyncIn { Handle = 9, Flags = 1 })));
        Ok(_kernel.Call(FuseOpcode.Flush, 42, Bytes.Of(new FlushIn { Handle = 9 })));
        Ok(_kernel.Call(FuseOpcode.Release, 42, Bytes.Of(new ReleaseIn { Handle = 9 })));
        Called("open ReadWrite", "fsync 9 True", "flush 9", "release 9");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65_536)]
    [InlineData(131_072)]
    public void Data_is_read_and_written_as_it_is_and_page_aligned(int lengthBytes)
    {
        FakeReply read = _kernel.Call(FuseOpcode.Read, 42, Bytes.Of(new ReadIn { Handle = 9, Offset = 1L << 40, Size = (uint)lengthBytes }));
        read.Body.Should().Equal(Bytes.Pattern(lengthBytes));
        _kernel.Call(
            FuseOpcode.Write, 42, Bytes.Of(new WriteIn { Handle = 9, Offset = 1L << 41, Size = (uint)lengthBytes }), Bytes.Pattern(lengthBytes))
            .As<WriteOut>().Size.Should().Be((uint)lengthBytes);
        Called($"read 9 {1L << 40} {lengthBytes}", $"write 9 {1L << 41} {lengthBytes} intact True aligned True");
    }

    [Fact]
    public void Ranges_are_provisioned_found_and_copied()
    {
        Ok(_kernel.Call(FuseOpcode.Fallocate, 42, Bytes.Of(new FallocateIn
        {
            Handle = 9,
            Offset = 65536,
            Length = 1UL << 32,
            Mode = FuseFallocateModes.PunchHole | FuseFallocateModes.KeepSize,
        })));
        _kernel.Call(FuseOpcode.Poll, 42, Bytes.Of(new PollIn { Handle = 9, WakeHandle = 3, Flags = PollIn.ScheduleNotify })).As<PollOut>()
            .Events.Should().Be(FusePollEvents.Readable);
        _kernel.Call(FuseOpcode.Poll, 42, Bytes.Of(new PollIn { Handle = 9, WakeHandle = 3 })).Error.Should().Be(0);
        _kernel.Call(FuseOpcode.Seek, 42, Bytes.Of(new SeekIn { Handle = 9, Offset = 5, Origin = FuseSeekOrigin.Hole })).As<SeekOut>()
            .Offset.Should().Be(6);
        _kernel.Call(FuseOpcode.Seek, 42, Bytes.Of(new SeekIn { Offset = ulong.MaxValue, Origin = FuseSeekOrigin.Hole }))
            .Error.Should().Be(-FuseErrno.ENXIO);
        CopyFileRangeIn copy = new() { SourceHandle = 1, SourceOffset = 2, TargetNodeId = 3, TargetHandle = 4, TargetOffset = 5, Length = 1UL << 33 };
        _kernel.Call(FuseOpcode.CopyFileRange64, 42, Bytes.Of(copy)).As<CopyFileRangeOut>().BytesCopied.Should().Be(1UL << 33);
        _kernel.Call(FuseOpcode.CopyFileRange, 42, Bytes.Of(copy with { Length = 100 })).As<WriteOut>().Size.Should().Be(100);
        FuseCopyRange range = new()
        {
            SourceHandle = 1,
            SourceOffsetBytes = 2,
            TargetNodeId = 3,
            TargetHandle = 4,
            TargetOffsetBytes = 5,
            LengthBytes = 1L << 33,
        };
        Called(
            $"fallocate 9 65536 {1L << 32} KeepSize, PunchHole", "poll 9 3", "poll 9 ", "seek 9 5 Hole", "copy " + range, "copy " + (range with { LengthBytes = 100 }));
    }

    [Fact]
    public void Extended_attributes_are_answered_as_the_caller_asks()
    {
        _kernel.Call(FuseOpcode.GetExtendedAttribute, 42, Bytes.Of(default(GetExtendedAttributeIn)), Bytes.Name("user.a"))
            .As<GetExtendedAttributeOut>().Size.Should().Be(5);
        Encoding.UTF8.GetString(_kernel.Call(
            FuseOpcode.GetExtendedAttribute, 42, Bytes.Of(new GetExtendedAttributeIn { Size = 5 }), Bytes.Name("user.a")).Body).Should().Be("value");
        _kernel.Call(FuseOpcode.GetExtendedAttribute, 42, Bytes.Of(new GetExtendedAttributeIn { Size = 4 }), Bytes.Name("user.a"))
            .Error.Should().Be(-FuseErrno.ERANGE);
        _kernel.Call(FuseOpcode.ListExtendedAttributes, 42, Bytes.Of(new GetExtendedAttributeIn { Size = 100 }))
            .Body.Should().Equal("user.a\0user.b\0"u8.ToArray());
        Ok(_kernel.Call(
            FuseOpcode.SetExtendedAttribute,
            42,
            Bytes.Of(new SetExtendedAttributeIn { Size = 3, Flags = FuseSetExtendedAttributeFlags.Create }),
            Bytes.Name("user.a"),
            "abc"u8.ToArray()));
        Ok(_kernel.Call(FuseOpcode.RemoveExtendedAttribute, 42, Bytes.Name("user.a")));
        Called("getxattr user.a", "getxattr user.a", "getxattr user.a", "setxattr user.a abc Create", "removexattr user.a");
    }

    [Fact]
    public void Statistics_links_and_access_are_answered()
    {
        StatFsOut statistics = _kernel.Call(FuseOpcode.StatFs, 1).As<StatFsOut>();
        (statistics.Blocks, statistics.FreeBlocks, statistics.AvailableBlocks).Should().Be((1000ul, 600ul, 500ul));
        (statistics.BlockSize, statistics.FragmentSize, statistics.NameLength).Should().Be((4096u, 4096u, 128u));
        (statistics.Files, statistics.FreeFiles).Should().Be((30ul, 20ul));
        _kernel.Call(FuseOpcode.ReadLink, 1).Body.Should().Equal("target"u8.ToArray());
        Ok(_kernel.Call(FuseOpcode.Access, 1, Bytes.Of(new AccessIn { Mask = 4 })));
        Ok(_kernel.Call(FuseOpcode.Destroy, 0));
        Called("access 4");
    }

    [Theory]
    [InlineData(FuseOpcode.MakeDirectory, FuseErrno.EPERM)]
    [InlineData(FuseOpcode.RemoveDirectory, FuseErrno.EPERM)]
    [InlineData(FuseOpcode.Link, FuseErrno.EPERM)]
    [InlineData(FuseOpcode.SymbolicLink, FuseErrno.EPERM)]
    [InlineData(FuseOpcode.Ioctl, FuseErrno.ENOTTY)]
    [InlineData(FuseOpcode.GetLock, FuseErrno.ENOSYS)]
    [InlineData(FuseOpcode.TemporaryFile, FuseErrno.ENOSYS)]
    [InlineData(FuseOpcode.Init, FuseErrno.EIO)]
    [InlineData((FuseOpcode)9999, FuseErrno.ENOSYS)]
    public void What_no_file_system_here_can_do_is_refused(FuseOpcode opcode, int errno) =>
        _kernel.Call(opcode, 1, new byte[64]).Error.Should().Be(-errno);

    private static void Ok(FakeReply reply) => (reply.Error, reply.Body.Length).Should().Be((0, 0));

    private static void Expect(WireAttributes attributes) => attributes.Should().BeEquivalentTo(new WireAttributes
    {
        Inode = 77,
        Size = 123_456,
        Blocks = 8,
        AccessSeconds = 10,
        AccessNanoseconds = 1,
        ModificationSeconds = 20,
        ModificationNanoseconds = 2,
        ChangeSeconds = 30,
        ChangeNanoseconds = 3,
        Mode = FuseMode.Regular | 0x1A4,
        Links = 1,
        UserId = 5,
        GroupId = 6,
        Device = 7,
        BlockSize = 65536,
    });

    private void Called(params string[] calls) => _fileSystem.Calls.Should().Equal(calls);
}
