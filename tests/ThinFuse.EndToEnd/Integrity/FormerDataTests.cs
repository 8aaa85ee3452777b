using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Integrity;

/// <summary>
/// Every byte of the pool was a former volume's, or was on the disk that became a node. Whatever is done then to two volumes, and to two plain files beside
/// them, they hold the same, and nothing of that.
/// </summary>
public sealed class FormerDataTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const byte Marker = 0xA5;
    private const int Mebibyte = 1 << 20;
    private const int VolumeBytes = 4 * Mebibyte;
    private const int Operations = 300;

    [SkippableTheory]
    [OnEachTransport]
    public void Nothing_of_a_former_owner_shows_through_a_mount(string transport)
    {
        Random random = Seeded(23);
        PoolFixture pool = NewMountedPool("16M", transport: transport);
        FillWithMarker(pool);
        AddMarkedNode(pool);
        string[] names = ["vm1", "vm2"];
        foreach (string name in names)
        {
            pool.CreateVolume(name, string.Create(CultureInfo.InvariantCulture, $"{VolumeBytes}"));
            using FileStream plain = File.Create(Path.Combine(pool.Home, name));
            plain.SetLength(VolumeBytes);
        }

        for (int round = 0; round < 3; round++)
        {
            using (Pair first = new(pool.PathOf("vm1"), Path.Combine(pool.Home, "vm1")))
            using (Pair second = new(pool.PathOf("vm2"), Path.Combine(pool.Home, "vm2")))
            {
                for (int i = 0; i < Operations / 3; i++)
                {
                    (Pair one, Pair other) = random.Next(2) == 0 ? (first, second) : (second, first);
                    Act(one, other, random);
                }
            }

            foreach (string name in names)
            {
                MustBeAsBeside(pool, name);
            }

            // Partly shared chunks from here on, and merges when it goes.
            pool.Snapshot("vm1", "s");
            MustBeAsBeside(pool, "vm1");
            if (round == 1)
            {
                File.Delete(pool.PathOf("vm1@s"));
            }
            else
            {
                Tool.Run("mv", pool.PathOf("vm1@s"), pool.PathOf(string.Create(CultureInfo.InvariantCulture, $"vm1@s{round}"))).MustSucceed();
            }
        }

        foreach (string file in Directory.EnumerateFiles(pool.MountPoint))
        {
            File.ReadAllBytes(file).AsSpan().Contains(Marker).Should().BeFalse($"{file} must not show what was there before");
        }
    }

    private static void Act(Pair file, Pair other, Random random)
    {
        int size = (int)file.SizeBytes;
        int offset = random.Next(size);
        int length = random.Next(1, Math.Min(size - offset, random.Next(2) == 0 ? 5000 : 300_000) + 1);
        switch (random.Next(6))
        {
            case 0:
                file.Both(raw => raw.Punch(offset, length));
                break;
            case 1:
                file.Both(raw => raw.Zero(offset, length));
                break;
            case 2:
                long newSize = 512L * random.Next(1, VolumeBytes / 512 + 1);
                file.Both(raw => raw.Truncate(newSize));
                break;
            case 3 when other.SizeBytes > offset + length:
                int target = random.Next((int)other.SizeBytes - length);
                file.CopyTo(offset, other, target, length);
                break;
            default:
                byte[] data = new byte[length];
                random.NextBytes(data);
                data.AsSpan().Replace(Marker, (byte)1);
                file.Both(raw => raw.Write(offset, data));
                break;
        }
    }

    private static void FillWithMarker(PoolFixture pool)
    {
        string former = pool.CreateVolume("former", "64M");
        byte[] marker = new byte[Mebibyte];
        marker.AsSpan().Fill(Marker);
        using (RawFile file = RawFile.Open(former, OpenFlags.ReadWrite))
        {
            long offset = 0;
            while (file.Write(offset, marker) == Mebibyte)
            {
                offset += Mebibyte;
            }

            offset.Should().Be(16 * Mebibyte);
            file.Sync().Should().Be(0);
        }

        File.Delete(former);
        pool.WaitForStatus("free extents", status => status.GetProperty("allocatedBytes").GetInt64() == 0);
    }

    /// <summary>A disk that somebody used before: blank where a node has its label, as `wipefs` and a new partition table leave it.</summary>
    private static void AddMarkedNode(PoolFixture pool)
    {
        string node = Path.Combine(pool.Home, "disk");
        byte[] used = new byte[17 * Mebibyte];
        used.AsSpan(Mebibyte).Fill(Marker);
        File.WriteAllBytes(node, used);
        ThinFuseProgram.Run("pool", "grow", pool.MountPoint, "--node", node).MustSucceed();
    }

    private static void MustBeAsBeside(PoolFixture pool, string name) =>
        Tool.Run("cmp", pool.PathOf(name), Path.Combine(pool.Home, name)).MustSucceed();

    /// <summary>A volume and the plain file that goes through the same.</summary>
    private sealed class Pair(string volume, string plain) : IDisposable
    {
        private readonly RawFile _volume = RawFile.Open(volume, OpenFlags.ReadWrite);
        private readonly RawFile _plain = RawFile.Open(plain, OpenFlags.ReadWrite);

        public long SizeBytes => _plain.SeekEnd();

        public void Both(Func<RawFile, long> operation)
        {
            long expected = operation(_plain);
            expected.Should().BeGreaterThanOrEqualTo(0);
            operation(_volume).Should().Be(expected);
        }

        public void CopyTo(int offset, Pair target, int targetOffset, int length)
        {
            Copy(_plain, target._plain);
            Copy(_volume, target._volume);

            void Copy(RawFile from, RawFile to)
            {
                int done = 0;
                while (done < length)
                {
                    long copied = from.CopyTo(offset + done, to, targetOffset + done, length - done);
                    copied.Should().BePositive();
                    done += (int)copied;
                }
            }
        }

        public void Dispose()
        {
            _volume.Dispose();
            _plain.Dispose();
        }
    }
}
