using System.Diagnostics;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>A user without privileges mounts, uses and unmounts, in a process of its own.</summary>
[Collection(MountsCollection.Name)]
public abstract class UserMountTests(FuseSessionOptions transport) : IDisposable
{
    private const string AsNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

    private readonly MountPoint _point = new();

    public void Dispose()
    {
        _point.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableFact]
    public void A_user_mounts_uses_and_unmounts_through_the_helper()
    {
        Shell.Run("chown 65534:65534 \"$1\"", _point.Path);
        using Process server = StartServer();
        try
        {
            server.StandardOutput.ReadLine().Should().Be("serving");
            Shell.Run("grep \" $1 \" /proc/mounts", _point.Path).Should().StartWith($"memory {_point.Path} fuse.thinfuse ").And.Contain("user_id=65534");
            Shell.Run(AsNobody + "sh -c 'echo hello > \"$1\" && cat \"$1\"' sh \"$1\"", _point.File1).Should().Be("hello");
            Shell.Run(AsNobody + "stat -c '%u %s' \"$1\"", _point.File1).Should().Be("65534 6");
            Shell.Run(AsNobody + "dd if=/dev/zero of=\"$1\" bs=1M count=4 oflag=direct status=none && stat -c %s \"$1\" | grep -q . ; true", _point.File1);
            Shell.Run(AsNobody + "fusermount3 -u -- \"$1\"", _point.Path);
            server.StandardOutput.ReadLine().Should().Be("unmounted");
            server.WaitForExit(FakeKernel.PatienceMs).Should().BeTrue();
            server.ExitCode.Should().Be(0);
        }
        finally
        {
            server.Kill();
        }
    }

    [SkippableFact]
    public void A_user_is_told_that_the_mount_point_is_not_his()
    {
        using Process server = StartServer();
        string said = server.StandardOutput.ReadToEnd();
        server.WaitForExit(FakeKernel.PatienceMs).Should().BeTrue();

        server.ExitCode.Should().Be(1);
        said.Should().StartWith($"cannot mount on {_point.Path}: ").And.Contain("fusermount3: ");
        said.Trim().Should().NotContain("\n", "it is one line");
    }

    /// <summary>The mount point is private to its owner; opening its parents up is the test's business.</summary>
    private Process StartServer()
    {
        string program = typeof(UserMountTests).Assembly.Location;
        string dotnet = Environment.ProcessPath ?? "dotnet";
        Skip.IfNot(Shell.Try(AsNobody + "test -r \"$1\" -a -x \"$2\"", program, dotnet).Status == 0, "the test program lies where another user cannot run it");
        return Shell.Start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", dotnet, program, _point.Path, TransportName.Of(transport));
    }
}
