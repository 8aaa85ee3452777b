using System.Diagnostics;
using System.Text.Json;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Storage;

namespace ThinFuse.Pool.Tests.Ownership;

public sealed class PoolLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Pool => _directory.FullPath;

    private string LockPath => Path.Combine(Pool, "lock");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_pool_has_one_owner_who_is_named_to_others()
    {
        using PoolLock owned = PoolLock.Acquire(Pool, "/mnt/x");
        PoolInUseException refused = FluentActions.Invoking(() => PoolLock.Acquire(Pool, null)).Should().Throw<PoolInUseException>().Which;
        refused.Message.Should().Be($"{Pool} in use by pid {Environment.ProcessId} on host {Environment.MachineName}, mounted at /mnt/x");
        refused.Owner!.StartedAt.Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        PoolLock.TryReadOwner(Pool).Should().Be(refused.Owner);
    }

    [Fact]
    public void An_offline_owner_has_no_mount_point()
    {
        using PoolLock owned = PoolLock.Acquire(Pool, null);
        FluentActions.Invoking(() => PoolLock.Acquire(Pool, "/mnt/x")).Should().Throw<PoolInUseException>()
            .WithMessage($"{Pool} in use by pid {Environment.ProcessId} on host {Environment.MachineName}");
    }

    [SkippableFact]
    public void Who_looks_where_nothing_can_be_written_and_who_owns_the_pool_elsewhere_keep_each_other_out()
    {
        string pool = Directory.CreateDirectory(Path.Combine(_directory.FullPath, "pool")).FullName;
        PoolLock.Acquire(pool, null).Dispose();
        using ReadOnlyView view = new(pool, Path.Combine(_directory.FullPath, "view"));
        using (PoolLock.Acquire(pool, "/mnt/x"))
        {
            FluentActions.Invoking(() => PoolLock.AcquireToLook(view.FullPath)).Should().Throw<PoolInUseException>().Which.Owner!.MountPoint.Should().Be("/mnt/x");
        }

        using (PoolLock.AcquireToLook(view.FullPath))
        {
            PoolLock.AcquireToLook(view.FullPath).Dispose();
            FluentActions.Invoking(() => PoolLock.Acquire(pool, "/mnt/x")).Should().Throw<PoolInUseException>();
        }

        PoolLock.Acquire(pool, "/mnt/x").Dispose();
    }

    [Fact]
    public void The_content_is_json_in_a_private_file_and_gone_with_the_owner()
    {
        PoolLock owned = PoolLock.Acquire(Pool, "/mnt/x");
        using (JsonDocument json = JsonDocument.Parse(ReadContent()))
        {
            json.RootElement.EnumerateObject().Select(property => property.Name).Should().Equal("pid", "host", "mountPoint", "startedAt", "hasSuccessor");
            json.RootElement.GetProperty("pid").GetInt32().Should().Be(Environment.ProcessId);
        }
        owned.Dispose();
        owned.Dispose();
        ReadContent().Should().BeEmpty();
        PoolLock.TryReadOwner(Pool).Should().BeNull();
        PoolLock.Acquire(Pool, null).Dispose();
    }

    [Fact]
    public void A_pool_without_a_lock_file_has_no_owner_and_no_pool_is_an_error()
    {
        PoolLock.TryReadOwner(Pool).Should().BeNull();
        File.Exists(LockPath).Should().BeFalse();
        FluentActions.Invoking(() => PoolLock.Acquire(Path.Combine(Pool, "missing"), null))
            .Should().Throw<StorageException>().Which.ErrorNumber.Should().Be(Errno.ENOENT);
    }

    [Fact]
    public void Of_those_that_race_for_a_pool_exactly_one_gets_it_each_time()
    {
        const int Rounds = 100;
        const int Racers = 4;
        using Barrier start = new(Racers);
        using Barrier finish = new(Racers);
        int[] wins = new int[Rounds];
        Thread[] threads = [.. Enumerable.Range(0, Racers).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                start.SignalAndWait();
                PoolLock? owned = null;
                try
                {
                    owned = PoolLock.Acquire(Pool, "/mnt/x");
                    Interlocked.Increment(ref wins[round]);
                }
                catch (PoolInUseException)
                {
                    // Another one was first.
                }

                finish.SignalAndWait();
                owned?.Dispose();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        wins.Should().OnlyContain(count => count == 1);
    }

    [Fact]
    public void It_says_whether_another_process_goes_on()
    {
        using PoolLock owned = PoolLock.Acquire(Pool, "/mnt/x", hasSuccessor: true);
        PoolLock.TryReadOwner(Pool)!.HasSuccessor.Should().BeTrue();

        owned.TellSuccession(false);

        PoolLock.TryReadOwner(Pool).Should().Match<PoolOwner>(owner => !owner.HasSuccessor && owner.MountPoint == "/mnt/x");
    }

    [Fact]
    public void Child_processes_do_not_inherit_the_lock()
    {
        using PoolLock owned = PoolLock.Acquire(Pool, null);
        string descriptor = Directory.GetFiles("/proc/self/fd").Single(link => new FileInfo(link).LinkTarget == LockPath);
        string flags = File.ReadLines("/proc/self/fdinfo/" + Path.GetFileName(descriptor))
            .Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        (Convert.ToInt32(flags[6..].Trim(), 8) & 0x80000).Should().NotBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"pid\":\"x\"}")]
    [InlineData("{\"pid\":1}")]
    public void An_owner_that_cannot_be_read_is_another_process(string content)
    {
        using PoolLock owned = PoolLock.Acquire(Pool, null);
        WriteContent(System.Text.Encoding.UTF8.GetBytes(content));
        FluentActions.Invoking(() => PoolLock.Acquire(Pool, null)).Should().Throw<PoolInUseException>()
            .WithMessage($"{Pool} in use by another process").Which.Owner.Should().BeNull();
        PoolLock.TryReadOwner(Pool).Should().BeNull();
    }

    [Fact]
    public void A_killed_owner_loses_the_pool_and_its_name_means_nothing_any_more()
    {
        byte[] content;
        using (PoolLock.Acquire(Pool, "/mnt/dead"))
        {
            content = ReadContent();
        }
        using Process child = StartChildWithLock();
        WriteContent(content);
        FluentActions.Invoking(() => PoolLock.Acquire(Pool, null))
            .Should().Throw<PoolInUseException>().WithMessage("*mounted at /mnt/dead");
        PoolLock.TryReadOwner(Pool)!.MountPoint.Should().Be("/mnt/dead");
        child.Kill();
        child.WaitForExit();
        ReadContent().Should().Equal(content, "the dead clean up nothing");
        PoolLock.TryReadOwner(Pool).Should().BeNull();
        using PoolLock owned = PoolLock.Acquire(Pool, "/mnt/new");
        PoolLock.TryReadOwner(Pool)!.MountPoint.Should().Be("/mnt/new");
    }

    [Fact]
    public async Task Those_who_look_never_keep_a_start_from_succeeding()
    {
        PoolLock.Acquire(Pool, null).Dispose();
        using CancellationTokenSource stop = new();
        Task looking = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = PoolLock.TryReadOwner(Pool);
            }
        });
        for (int i = 0; i < 2000; i++)
        {
            PoolLock.Acquire(Pool, null).Dispose();
        }
        stop.Cancel();
        await looking;
    }

    // File.ReadAllBytes and its like take a flock of their own.
    private byte[] ReadContent()
    {
        using IStorageFile file = new PosixStorage(Pool).Open("lock", StorageOpenMode.Read, StorageCaching.Cached);
        byte[] content = new byte[file.LengthBytes];
        file.Read(0, content);
        return content;
    }

    private void WriteContent(byte[] content)
    {
        using IStorageFile file = new PosixStorage(Pool).Open("lock", StorageOpenMode.ReadWrite, StorageCaching.Cached);
        file.SetLength(0);
        file.Write(0, content);
    }

    /// <summary>A process that holds the flock itself, and does nothing until it is killed.</summary>
    private Process StartChildWithLock()
    {
        string[] arguments = ["--nonblock", "--no-fork", LockPath, "sh", "-c", "echo locked; exec cat"];
        Process child = Process.Start(new ProcessStartInfo("flock", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        child.StandardOutput.ReadLine().Should().Be("locked");
        return child;
    }
}
