using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Daemon.Tests.Hosting;

[Collection(MountCollection.Name)]
public sealed class DaemonHostTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ServedPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public void The_root_belongs_to_the_mounting_user_alone() =>
        _pool.Sh("stat -c '%a %u' .").MustSucceed().Should().Be($"700 {Shell.Run("/", "id -u").Output}");

    [SkippableFact]
    public void A_second_daemon_is_refused_and_told_who_has_the_pool()
    {
        using TemporaryDirectory place = new();
        DaemonOptions elsewhere = _pool.Options with { MountPoint = place.Add("mnt") };
        Action second = () => DaemonHost.Run(elsewhere, NeverReady, _pool.Log, CancellationToken.None);

        second.Should().Throw<PoolInUseException>().Which.Message.Should()
            .Contain($"pid {Environment.ProcessId}").And.Contain(Environment.MachineName).And.Contain(_pool.Mount);
        _pool.Sh("truncate -s 1M vm1").MustSucceed();
    }

    [SkippableFact]
    public void Umount_from_outside_ends_the_daemon_and_leaves_nothing()
    {
        _pool.Sh("head -c 1M /dev/urandom > vm1; cp vm1 ../expected").MustSucceed();

        Shell.Run("/", $"umount {_pool.Mount}").MustSucceed();
        _pool.WaitForEnd();

        LeavesNothing();
        _pool.Remount();
        _pool.Sh("cmp vm1 ../expected").MustSucceed();
    }

    [SkippableFact]
    public void Stop_unmounts_and_ends_the_daemon()
    {
        DaemonStopResponse answer = _pool.Control.StopDaemonAsync(new DaemonStopRequest()).GetAwaiter().GetResult();
        _pool.WaitForEnd();

        answer.DaemonPid.Should().Be(Environment.ProcessId);
        LeavesNothing();
    }

    [SkippableFact]
    public async Task Stop_is_refused_while_a_volume_is_open_unless_it_is_lazy()
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();
        using (FileStream file = new(_pool["vm1"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            (await Refusal(() => _pool.Control.StopDaemonAsync(new DaemonStopRequest()))).Kind.Should().Be(ControlErrorKind.Busy);
            file.WriteByte(1);

            await _pool.Control.StopDaemonAsync(new DaemonStopRequest(Lazy: true));
            IsMounted().Should().BeFalse();
            _pool.HasEnded.Should().BeFalse();
            file.WriteByte(2);
            file.Flush(flushToDisk: true);
        }

        _pool.WaitForEnd();
        LeavesNothing();
        _pool.Remount();
        _pool.Sh("head -c 2 vm1 | od -An -tx1").MustSucceed().Should().Be(" 01 02");
    }

    [SkippableFact]
    public void Termination_waits_for_a_user_who_closes_in_time()
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();
        using FileStream file = new(_pool["vm1"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _pool.Cancel();
        SpinWait.SpinUntil(() => Logged("waiting for a moment"), Patience).Should().BeTrue();

        file.WriteByte(1);
        file.Dispose();
        _pool.WaitForEnd();

        LeavesNothing();
        Logged("get errors").Should().BeFalse();
    }

    [SkippableFact]
    public void Termination_ends_a_mount_that_stays_in_use_and_what_was_acknowledged_is_there()
    {
        _pool.Sh("truncate -s 1M vm1").MustSucceed();
        using (FileStream file = new(_pool["vm1"], FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
        {
            file.WriteByte(3);
            _pool.Stop();
            file.Invoking(open => open.WriteByte(4)).Should().Throw<IOException>();
        }

        LeavesNothing();
        _pool.Remount();
        _pool.Sh("head -c 1 vm1 | od -An -tx1").MustSucceed().Should().Be(" 03");
    }

    [SkippableFact]
    public void A_failure_after_everything_serves_undoes_all_of_it()
    {
        _pool.Stop();
        Action run = () => DaemonHost.Run(
            _pool.Options, _ => throw new InvalidOperationException("the parent has gone"), _pool.Log, CancellationToken.None);

        run.Should().Throw<InvalidOperationException>();

        LeavesNothing();
        _pool.Remount();
    }

    [SkippableFact]
    public void A_stale_socket_is_replaced()
    {
        _pool.Stop();
        File.WriteAllText(SocketPath, "left behind");

        _pool.Remount();

        Shell.Run("/", $"stat -c '%F %a' {SocketPath}").MustSucceed().Should().Be("socket 600");
        _pool.Control.GetPoolStatusAsync().GetAwaiter().GetResult().MountPoint.Should().Be(_pool.Mount);
    }

    private static void NeverReady(ServingState state) => throw new InvalidOperationException("must not get this far");

    private static async Task<ControlException> Refusal(Func<Task> request) =>
        (await request.Should().ThrowAsync<ControlException>()).Which;

    private string SocketPath => Path.Combine(_pool.PoolDirectory, ControlSocket.FileName);

    private bool Logged(string words) => _pool.Log.Lines.Any(line => line.Text.Contains(words, StringComparison.Ordinal));

    private bool IsMounted() => Shell.Run("/", $"mountpoint -q {_pool.Mount}").ExitCode == 0;

    private void LeavesNothing()
    {
        IsMounted().Should().BeFalse();
        File.Exists(SocketPath).Should().BeFalse();
        Directory.EnumerateFileSystemEntries(_pool.Mount).Should().BeEmpty();
    }
}
