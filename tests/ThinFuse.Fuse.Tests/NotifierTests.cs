using System.Runtime.InteropServices;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Tests;

public sealed class NotifierTests
{
    [Fact]
    public void Notifications_have_the_form_that_the_kernel_reads()
    {
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new RecordingFileSystem(), new CapturingLogger());
        session.Notifier.InvalidateInode(42, 4096, 8192).Should().BeTrue();
        session.Notifier.InvalidateEntry(1, "vm1"u8).Should().BeTrue();
        session.Notifier.Delete(1, 42, "vm1"u8).Should().BeTrue();
        session.Notifier.WakePollers(7).Should().BeTrue();

        FakeReply inode = kernel.Receive();
        (inode.Unique, inode.Error).Should().Be((0ul, 2));
        MemoryMarshal.Read<InvalidateInodeOut>(inode.Body)
            .Should().BeEquivalentTo(new InvalidateInodeOut { NodeId = 42, Offset = 4096, Length = 8192 });
        FakeReply entry = kernel.Receive();
        (entry.Unique, entry.Error).Should().Be((0ul, 3));
        entry.Body.Should().Equal([.. Bytes.Of(new InvalidateEntryOut { Parent = 1, NameLength = 3 }), .. Bytes.Name("vm1")]);
        FakeReply delete = kernel.Receive();
        (delete.Unique, delete.Error).Should().Be((0ul, 6));
        delete.Body.Should().Equal([.. Bytes.Of(new DeleteOut { Parent = 1, Child = 42, NameLength = 3 }), .. Bytes.Name("vm1")]);
        FakeReply wake = kernel.Receive();
        (wake.Unique, wake.Error).Should().Be((0ul, 1));
        MemoryMarshal.Read<PollWakeUpOut>(wake.Body).WakeHandle.Should().Be(7);
    }

    [Fact]
    public void A_notification_after_the_session_was_disposed_says_that_nobody_heard_it()
    {
        using FakeKernel kernel = new();
        FuseSession session = kernel.Start(new RecordingFileSystem(), new CapturingLogger());
        session.Dispose();

        session.Notifier.InvalidateInode(42).Should().BeFalse();
    }
}
