using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests;

public sealed class DefaultAnswerTests
{
    /// <summary>What <see cref="HookFileSystem"/> leaves to the base class.</summary>
    [Fact]
    public void What_a_file_system_does_not_override_is_answered_as_documented()
    {
        FuseOpcode[] granted =
        [
            FuseOpcode.Open, FuseOpcode.OpenDirectory, FuseOpcode.Flush, FuseOpcode.Release, FuseOpcode.ReleaseDirectory, FuseOpcode.FsyncDirectory,
        ];
        FuseOpcode[] hooked = [FuseOpcode.Read, FuseOpcode.Write, FuseOpcode.Lookup, FuseOpcode.Fsync];
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new HookFileSystem(), new CapturingLogger());
        foreach ((FuseOpcode opcode, byte[] body) in RequestSamples.All)
        {
            if (RequestSamples.WantsAnswer(opcode) && !hooked.Contains(opcode))
            {
                int errno = granted.Contains(opcode) ? 0 : opcode == FuseOpcode.Fallocate ? FuseErrno.EOPNOTSUPP : FuseErrno.ENOSYS;
                kernel.Call(opcode, 1, body).Error.Should().Be(-errno, "{0} is not overridden", opcode);
            }
        }

        kernel.Call(FuseOpcode.ReadLink, 1).Error.Should().Be(-FuseErrno.EINVAL);
    }
}
