using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>How a mount ends, and how it does not begin, whatever way its requests travel.</summary>
[Collection(MountsCollection.Name)]
public abstract class UnmountTests(FuseSessionOptions transport) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(FakeKernel.PatienceMs);

    private readonly MountPoint _point = new();
    private readonly CapturingLogger _logger = new();

    public void Dispose()
    {
        _point.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [InlineData(FuseMountMethod.SystemCall)]
    [InlineData(FuseMountMethod.Helper)]
    public async Task Unmounting_ends_the_session_and_can_be_repeated(FuseMountMethod method)
    {
        using FuseMount mount = Mount(method);
        mount.Unmount();
        await mount.WaitAsync().WaitAsync(Patience);
        _point.IsMounted.Should().BeFalse();
        mount.Unmount();
    }

    [SkippableTheory]
    [InlineData(FuseMountMethod.SystemCall)]
    [InlineData(FuseMountMethod.Helper)]
    public async Task A_mount_in_use_is_busy_and_can_be_detached(FuseMountMethod method)
    {
        using FuseMount mount = Mount(method);
        using (FileStream file = File.Create(_point.File1))
        {
            new Action(() => mount.Unmount()).Should().Throw<FuseMountException>().Which.ErrorNumber.Should().Be(FuseErrno.EBUSY);
            mount.Unmount(lazy: true);
            _point.IsMounted.Should().BeFalse();
            RandomAccess.Write(file.SafeFileHandle, "still served"u8, 0);
            mount.Session.Completion.IsCompleted.Should().BeFalse();
        }

        await mount.WaitAsync().WaitAsync(Patience);
    }

    [SkippableFact]
    public async Task An_unmount_by_others_ends_the_session()
    {
        using FuseMount mount = Mount(FuseMountMethod.Automatic);
        Shell.Run("umount \"$1\"", _point.Path);
        await mount.WaitAsync().WaitAsync(Patience);
    }

    [SkippableFact]
    public void Dispose_removes_a_mount_that_is_in_use()
    {
        FuseMount mount = Mount(FuseMountMethod.SystemCall);
        using FileStream file = File.Create(_point.File1);
        mount.Dispose();

        _point.IsMounted.Should().BeFalse();
        mount.Session.Completion.IsCompleted.Should().BeTrue("the connection was aborted");
        new Action(() => RandomAccess.Write(file.SafeFileHandle, "x"u8, 0)).Should().Throw<IOException>();
        _logger.Entries.Where(entry => entry.Level > LogLevel.Debug).Should().BeEmpty();
    }

    [SkippableFact]
    public void Dispose_removes_the_mount_wherever_it_shows()
    {
        string second = Directory.CreateTempSubdirectory("thinfuse-second-").FullName;
        FuseMount mount = Mount(FuseMountMethod.SystemCall);
        Shell.Run("mount --bind \"$1\" \"$2\"", _point.Path, second);
        mount.Dispose();

        (MountTable.FindAt(second), _point.IsMounted).Should().Be((null, false));
        Directory.Delete(second);
    }

    [SkippableFact]
    public void Dispose_leaves_the_mount_of_another_alone()
    {
        FuseMount mine = Mount(FuseMountMethod.SystemCall);
        mine.Unmount();
        mine.Wait();
        using FuseMount other = Mount(FuseMountMethod.SystemCall);
        mine.Dispose();

        File.WriteAllText(_point.File1, "alive");
        File.ReadAllText(_point.File1).Should().Be("alive");
    }

    [SkippableFact]
    public void The_connection_is_known_to_be_over_as_soon_as_the_unmount_returns()
    {
        using FuseMount mount = Mount(FuseMountMethod.SystemCall);
        mount.Session.IsConnected.Should().BeTrue();
        mount.Unmount();
        mount.Session.IsConnected.Should().BeFalse("the device number may be given to another mount from now on");
    }

    [SkippableFact]
    public void A_mount_stacked_on_top_is_left_alone()
    {
        using FuseMount below = Mount(FuseMountMethod.SystemCall);
        Shell.Run("mount -t tmpfs none \"$1\"", _point.Path);
        new Action(() => below.Unmount(lazy: true)).Should().Throw<FuseMountException>().WithMessage("*another mount covers it");

        MountTable.FindAt(_point.Path)!.Type.Should().Be("tmpfs");
        Shell.Run("umount \"$1\"", _point.Path);
    }

    [SkippableFact]
    public void A_missing_directory_or_a_file_is_no_mount_point()
    {
        Failure(Path.Combine(_point.Path, "none"), FuseMountMethod.Automatic).Should().Match<FuseMountException>(failure =>
            failure.ErrorNumber == FuseErrno.ENOENT && failure.Message.Contains("/none: No such file"));
        string file = Path.GetTempFileName();
        Failure(file, FuseMountMethod.Automatic).Should().Match<FuseMountException>(failure =>
            failure.ErrorNumber == FuseErrno.ENOTDIR && failure.Message.Contains("Not a directory"));
        File.Delete(file);
    }

    [SkippableFact]
    public void A_missing_helper_is_named()
    {
        string? path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", "/nowhere");
            Failure(_point.Path, FuseMountMethod.Helper).Message.Should().Contain("fusermount3 is not installed");
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }

    [SkippableFact]
    public void A_file_system_that_fails_to_start_leaves_no_mount()
    {
        new Action(() => FuseMount.Mount(_point.Path, Options(FuseMountMethod.Automatic), new UnstartableFileSystem(), _logger))
            .Should().Throw<InvalidOperationException>().WithMessage("cannot start");
        _point.IsMounted.Should().BeFalse();
    }

    private FuseMountException Failure(string path, FuseMountMethod method) =>
        new Action(() => FuseMount.Mount(path, Options(method), new MemoryFileSystem(), _logger))
            .Should().Throw<FuseMountException>().Which;

    private FuseMount Mount(FuseMountMethod method) =>
        FuseMount.Mount(_point.Path, Options(method), new MemoryFileSystem(), _logger);

    private FuseMountOptions Options(FuseMountMethod method) =>
        new() { Method = method, Session = transport };
}
