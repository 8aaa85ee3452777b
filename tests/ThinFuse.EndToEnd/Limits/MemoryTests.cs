using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>The daemon's memory has a bound, whatever its users do at once.</summary>
public sealed class MemoryTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Writers = 64;
    private const int WritesEach = 8;
    private const int OpenFiles = 10_000;
    private const int WriteBytes = 1 << 20;

    /// <summary>Twice what is needed: requests of 64 writers are 64 MiB, the table 72 MiB, the runtime and everything else less than that.</summary>
    private const long BoundKib = 512 << 10;

    [SkippableTheory]
    [OnEachTransport]
    public void Many_large_writes_at_once_and_ten_thousand_open_files_stay_within_it(string transport)
    {
        PoolFixture pool = NewMountedPool("1G", transport: transport);
        string written = pool.CreateVolume("vm1", "512M");
        string first = pool.CreateVolume("base", "1M");
        using (RawFile content = RawFile.Open(first, OpenFlags.ReadWrite))
        {
            content.Write(0, new byte[1 << 20]).Should().Be(1 << 20);
        }

        ThinFuseProgram.Run("clone", first, pool.PathOf("c"), "--count", string.Create(CultureInfo.InvariantCulture, $"{OpenFiles}")).MustSucceed();
        long atRest = Kib(pool, "VmRSS");
        List<RawFile> open = [];
        try
        {
            byte[] block = new byte[4096];
            foreach (string path in Directory.EnumerateFiles(pool.MountPoint, "c-*").Take(OpenFiles))
            {
                open.Add(RawFile.Open(path, OpenFlags.ReadOnly));
                open[^1].Read(0, block).Should().Be(block.Length);
            }

            open.Should().HaveCount(OpenFiles);
            long withFiles = Kib(pool, "VmRSS");
            Write(written);
            long peak = Kib(pool, "VmHWM");
            Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{transport}: at rest {atRest >> 10} MiB, with {OpenFiles} files {withFiles >> 10} MiB, at most {peak >> 10} MiB"));
            peak.Should().BeLessThan(BoundKib);
        }
        finally
        {
            open.ForEach(file => file.Dispose());
        }
    }

    private static void Write(string path)
    {
        using Barrier together = new(Writers);
        long[] failures = new long[Writers];
        Thread[] threads = [.. Enumerable.Range(0, Writers).Select(i => new Thread(() =>
        {
            using AlignedBuffer data = new(WriteBytes);
            data.Bytes.Fill((byte)(i + 1));
            using RawFile file = RawFile.Open(path, OpenFlags.ReadWrite | OpenFlags.Direct);
            together.SignalAndWait();
            for (int write = 0; write < WritesEach; write++)
            {
                long count = file.Write(((long)i * WritesEach + write) * WriteBytes, data.Bytes);
                failures[i] += count == WriteBytes ? 0 : 1;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failures.Should().OnlyContain(count => count == 0);
    }

    private static long Kib(PoolFixture pool, string field)
    {
        string status = string.Create(CultureInfo.InvariantCulture, $"/proc/{pool.DaemonPid}/status");
        string line = File.ReadLines(status).Single(text => text.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
