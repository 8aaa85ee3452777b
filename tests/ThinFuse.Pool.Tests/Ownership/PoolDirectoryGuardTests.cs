using System.Diagnostics;
using System.Runtime.Versioning;
using ThinFuse.Pool.Ownership;

namespace ThinFuse.Pool.Tests.Ownership;

/// <summary>Whoever could put a file in place of a pool's would have the daemon read and write for him.</summary>
[SupportedOSPlatform("linux")]
public sealed class PoolDirectoryGuardTests : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode AllRead = OwnerReadWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly PoolCreateOptions Small = new() { SizeBytes = 8 << 20 };

    private readonly string _place = Directory.CreateTempSubdirectory("thinfuse-").FullName;

    private string Pool => Path.Combine(_place, "pool");

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.OtherWrite | UnixFileMode.StickyBit)]
    public void A_pool_in_a_directory_that_others_can_write_is_refused_before_anything_is_opened(UnixFileMode hole)
    {
        ThinPool.Create(Pool, Small);
        string victim = Path.Combine(_place, "victim");
        File.WriteAllText(victim, "precious");
        File.Delete(Path.Combine(Pool, "lock"));
        File.CreateSymbolicLink(Path.Combine(Pool, "lock"), victim);
        File.SetUnixFileMode(Pool, OwnerAll | hole);

        Refusal(() => ThinPool.Open(Pool)).Should().Contain(Pool).And.Contain("chmod go-w");
        Refusal(() => ThinPool.CheckOffline(Pool)).Should().Contain("chmod go-w");

        File.ReadAllText(victim).Should().Be("precious");
    }

    [Fact]
    public void A_directory_that_becomes_a_pool_is_closed_to_others()
    {
        Directory.CreateDirectory(Pool);
        File.SetUnixFileMode(Pool, OwnerAll | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);

        ThinPool.Create(Pool, Small);
        using (ThinPool pool = ThinPool.Open(Pool))
        {
            pool.CreateVolume("vm1", 1 << 20);
            pool.CreateSnapshot("vm1", "vm1@first");
        }

        File.GetUnixFileMode(Pool).Should().Be(OwnerAll);
        Directory.EnumerateFiles(Pool, "*", SearchOption.AllDirectories).Should().OnlyContain(file => File.GetUnixFileMode(file) == OwnerReadWrite);
        Directory.EnumerateDirectories(Pool, "*", SearchOption.AllDirectories).Should().OnlyContain(directory => File.GetUnixFileMode(directory) == OwnerAll);
    }

    [Fact]
    public void A_file_of_a_pool_that_others_can_write_is_refused()
    {
        ThinPool.Create(Pool, Small);
        string victim = Directory.EnumerateFiles(Path.Combine(Pool, "nodes")).Single();
        File.SetUnixFileMode(victim, OwnerReadWrite | UnixFileMode.OtherWrite);

        Refusal(() => ThinPool.Open(Pool)).Should().Contain(victim).And.Contain("chmod go-w");

        File.SetUnixFileMode(victim, AllRead);
        ThinPool.Open(Pool).Dispose();
    }

    [Fact]
    public void A_file_that_becomes_a_node_is_closed_to_others()
    {
        string node = Path.Combine(_place, "node");
        using (FileStream file = File.Create(node))
        {
            file.SetLength(16 << 20);
        }

        File.SetUnixFileMode(node, AllRead);
        ThinPool.Create(Pool, Small with { SizeBytes = null, NodePaths = [node] });

        File.GetUnixFileMode(node).Should().Be(OwnerReadWrite);
    }

    [SkippableFact]
    public void A_pool_or_a_file_of_another_user_is_refused()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "to give files away needs root");
        ThinPool.Create(Pool, Small);
        string node = Directory.EnumerateFiles(Path.Combine(Pool, "nodes")).Single();
        GiveAway(node);
        Refusal(() => ThinPool.Open(Pool)).Should().Contain(node).And.Contain("belongs to user 65534");

        GiveAway(Pool);
        Refusal(() => ThinPool.Open(Pool)).Should().Contain(Pool).And.Contain("belongs to user 65534");
        Refusal(() => PoolDirectoryGuard.Require(Pool)).Should().Contain("run this as that user");

        string foreign = Directory.CreateDirectory(Path.Combine(_place, "foreign")).FullName;
        GiveAway(foreign);
        Refusal(() => ThinPool.Create(foreign, Small)).Should().Contain("belongs to user 65534");
        Directory.EnumerateFileSystemEntries(foreign).Should().BeEmpty();
    }

    private static string Refusal(Action action)
    {
        PoolException refusal = action.Should().Throw<PoolException>().Which;
        refusal.Kind.Should().Be(PoolErrorKind.Failed);
        refusal.Message.Should().NotContain("\n");
        return refusal.Message;
    }

    private static void GiveAway(string path)
    {
        using Process chown = Process.Start("chown", ["65534", path]);
        chown.WaitForExit();
        chown.ExitCode.Should().Be(0);
    }
}
