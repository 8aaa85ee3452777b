using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Integrity;

/// <summary>The same random operations on a volume and on a file of the host: both must answer and hold the same, always.</summary>
public sealed class RandomOperationTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Steps = 4000;
    private const int MaxBytes = 8 << 20;
    private const int MaxTransferBytes = 200_000;
    private const int SectorBytes = 512;

    private readonly byte[] _data = new byte[MaxTransferBytes];
    private readonly byte[] _ours = new byte[MaxTransferBytes];
    private readonly byte[] _hosts = new byte[MaxTransferBytes];
    private readonly List<(string Ours, string Hosts)> _snapshots = [];

    [SkippableTheory]
    [OnEachTransport(10, "64K")]
    [OnEachTransport(11, "4K")]
    [OnEachTransport(12, "1M")]
    public void A_volume_behaves_as_a_file_of_the_host(int seed, string chunkSize, string transport)
    {
        Random random = Seeded(seed);
        PoolFixture pool = NewMountedPool("256M", chunkSize, transport: transport);
        string ourPath = pool.CreateVolume("vm1", "1M");
        string hostPath = Path.Combine(pool.Home, "host");
        using (RawFile host = RawFile.Open(hostPath, OpenFlags.ReadWrite | OpenFlags.Create))
        {
            host.Truncate(1 << 20).Should().Be(0);
            using RawFile ours = RawFile.Open(ourPath, OpenFlags.ReadWrite);
            for (int step = 0; step < Steps; step++)
            {
                if (random.Next(Steps) < 12)
                {
                    TakeSnapshot(pool, hostPath, step);
                }

                string what = string.Create(CultureInfo.InvariantCulture, $"step {step}: {Apply(random, ours, host, out bool isSame)}");
                isSame.Should().BeTrue(what);
            }
        }

        MustBeEqual(ourPath, hostPath);
        pool.Unmount();
        pool.Mount();
        MustBeEqual(ourPath, hostPath);
        foreach ((string ours, string hosts) in _snapshots)
        {
            MustBeEqual(ours, hosts);
        }

        pool.MustBeSound();
    }

    private static void MustBeEqual(string ours, string hosts)
    {
        new FileInfo(ours).Length.Should().Be(new FileInfo(hosts).Length);
        Tool.Run("cmp", ours, hosts).MustSucceed();
    }

    private void TakeSnapshot(PoolFixture pool, string hostPath, int step)
    {
        string copy = string.Create(CultureInfo.InvariantCulture, $"{hostPath}-{step}");
        File.Copy(hostPath, copy);
        _snapshots.Add((pool.Snapshot("vm1", string.Create(CultureInfo.InvariantCulture, $"s{step}")), copy));
    }

    /// <summary>One operation on both; says what it was.</summary>
    private string Apply(Random random, RawFile ours, RawFile host, out bool isSame)
    {
        long size = host.SeekEnd();
        long offset = random.NextInt64(Math.Max(1, size));
        int length = (int)Math.Min(random.Next(1, MaxTransferBytes + 1), size - offset);
        if (random.Next(20) == 0 && size < MaxBytes)
        {
            // A volume's size is a multiple of the sector, so only such writes make both files longer by the same.
            offset = size + (random.Next(64) * SectorBytes);
            length = random.Next(1, MaxTransferBytes / SectorBytes) * SectorBytes;
            random.NextBytes(_data);
            isSame = ours.Write(offset, _data.AsSpan(0, length)) == host.Write(offset, _data.AsSpan(0, length)) && ours.SeekEnd() == host.SeekEnd();
            return $"write {length} at {offset}, behind the end at {size}";
        }

        switch (random.Next(12))
        {
            case <= 3:
                Span<byte> data = _data.AsSpan(0, length);
                random.NextBytes(data);
                isSame = ours.Write(offset, data) == host.Write(offset, data);
                return $"write {length} at {offset}";
            case <= 7:
                long read = ours.Read(offset, _ours.AsSpan(0, length));
                isSame = read == host.Read(offset, _hosts.AsSpan(0, length)) && _ours.AsSpan(0, length).SequenceEqual(_hosts.AsSpan(0, length));
                return $"read {length} at {offset}";
            case 8:
                isSame = length == 0 || ours.Punch(offset, length) == host.Punch(offset, length);
                return $"punch {length} at {offset}";
            case 9:
                isSame = length == 0 || ours.Zero(offset, length) == host.Zero(offset, length);
                return $"zero {length} at {offset}";
            case 10:
                long target = random.NextInt64(Math.Max(1, size));
                isSame = Copy(ours, offset, target, length, size) == Copy(host, offset, target, length, size);
                return $"copy {length} from {offset} to {target}";
            default:
                long newSize = random.NextInt64(MaxBytes / SectorBytes) * SectorBytes;
                isSame = ours.Truncate(newSize) == host.Truncate(newSize) && ours.SeekEnd() == newSize;
                return $"truncate to {newSize}";
        }
    }

    /// <summary>copy_file_range may copy less than asked; both are made to copy all, and overlaps, which it refuses, are left out.</summary>
    private static long Copy(RawFile file, long from, long to, int length, long size)
    {
        length = (int)Math.Min(length, Math.Min(size - to, Math.Abs(to - from)));
        for (int done = 0; done < length;)
        {
            long copied = file.CopyTo(from + done, file, to + done, length - done);
            if (copied <= 0)
            {
                return copied;
            }

            done += (int)copied;
        }

        return length;
    }
}
