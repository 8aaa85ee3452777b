using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transport.Uring;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary><see cref="RingRequestTests"/> over io_uring.</summary>
public sealed class UringRingRequestTests : RingRequestTests
{
    /// <summary>Skips all of them where there is no such thing.</summary>
    public UringRingRequestTests(UringSwitch uring)
        : base(new FuseSessionOptions { Transport = FuseTransportKind.Uring }) => uring.Require();

    [SkippableFact]
    public void A_ring_s_thread_runs_on_whichever_cpu_is_idle()
    {
        using OneFileMount mount = new(new OneFileSystem { OnRead = (request, _) => request.ReplyData(0) });
        RandomAccess.Read(mount.Handle, new byte[1], 0).Should().Be(0);

        // Those of a mount before this one may be seen a moment longer.
        SpinWait.SpinUntil(() => OwnThreads.CountOf("fuse-ring-") == PossibleCpus.Count, FakeKernel.PatienceMs).Should().BeTrue();
        OwnThreads.CpusOf("fuse-ring-").Should().HaveCount(PossibleCpus.Count).And.OnlyContain(cpus => cpus == OwnThreads.Cpus);
    }
}
