using System.Runtime.InteropServices;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Tests.Support;

namespace ThinFuse.Daemon.Tests.Files;

/// <summary>With --allow-other every user may look at the mount; none can make the daemon swell or stop by it.</summary>
[Collection(MountCollection.Name)]
public sealed partial class ForeignReaderTests : IDisposable
{
    private const int Volumes = 2000;
    private const int Directories = 1500;
    private const long MostBytes = 64L << 20;

    private readonly ServedPool _pool = new(allowOther: true);

    public void Dispose() => _pool.Dispose();

    [SkippableFact]
    public async Task Directories_that_another_user_opens_by_the_thousand_and_reads_a_little_cost_little_memory()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "becoming another user needs root");
        Shell.Run("/", $"chmod a+rx {Path.GetDirectoryName(_pool.Mount)}").MustSucceed();
        _pool.Sh("truncate -s 1M base").MustSucceed();
        await _pool.Control.CreateClonesAsync(new CloneCreateRequest("base", "c", Volumes));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        nint[] open = ForeignUser.Run(() => Enumerable.Range(0, Directories).Select(_ => OpenAndReadOne()).ToArray());
        try
        {
            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(MostBytes);

            _pool.Sh("truncate -s 2M base && ls | wc -l").MustSucceed().Trim().Should().Be($"{Volumes + 1}");
            int left = ForeignUser.Run(() => ReadRest(open[0]));
            left.Should().Be(Volumes + 1 + 3 - 1, "one whose entries are kept no more goes on where it was: the rest of the names, '.', '..' and .thinfuse");
        }
        finally
        {
            foreach (nint directory in open)
            {
                _ = CloseDirectory(directory);
            }
        }
    }

    private nint OpenAndReadOne()
    {
        nint directory = OpenDirectory(_pool.Mount);
        directory.Should().NotBe(0, Marshal.GetLastPInvokeErrorMessage());
        ReadDirectory(directory).Should().NotBe(0);
        return directory;
    }

    private static int ReadRest(nint directory)
    {
        int count = 0;
        while (ReadDirectory(directory) != 0)
        {
            count++;
        }

        return count;
    }

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenDirectory(string path);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    private static partial int CloseDirectory(nint directory);
}
