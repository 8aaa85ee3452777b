using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.FormerData;

/// <summary>
/// A pool each of whose extents holds what a former volume, which is deleted, had there: one value that nobody writes again. Beside it stands what its
/// present volumes must hold.
/// </summary>
internal sealed class MarkedPool : IDisposable
{
    internal const int Chunk = TestPool.ChunkBytes;

    /// <summary>The former owner's bytes; written now are smaller ones.</summary>
    internal const byte Marker = 0xA5;

    private const int Extents = 64;

    private readonly TestPool _test = TestPool.Create(Extents);
    private readonly SortedDictionary<string, byte[]> _expected = new(StringComparer.Ordinal);
    private readonly Random _random;

    public MarkedPool(int seed)
    {
        _random = new Random(seed);
        Fill("former");
        _test.Pool.Delete("former");
        Settle();
        _test.Pool.Status().AllocatedBytes.Should().Be(0);
        MarkedExtents().Should().Be(Extents, "freeing leaves the bytes where they are");
    }

    /// <summary>The volumes and snapshots.</summary>
    internal IReadOnlyCollection<string> Names => _expected.Keys;

    internal ThinPool Pool => _test.Pool;

    internal int SizeOf(string name) => _expected[name].Length;

    internal void Create(string name, int sizeBytes)
    {
        _test.Pool.CreateVolume(name, sizeBytes);
        _expected.Add(name, new byte[sizeBytes]);
    }

    internal void Write(string name, int offsetBytes, int lengthBytes)
    {
        byte[] data = new byte[lengthBytes];
        _random.NextBytes(data);
        for (int i = 0; i < lengthBytes; i++)
        {
            data[i] = (byte)((data[i] & 0x7F) | 1);
        }

        byte[] expected = _expected[name];
        if (offsetBytes + lengthBytes > expected.Length)
        {
            int sizeBytes = (offsetBytes + lengthBytes + Geometry.SectorBytes - 1) / Geometry.SectorBytes * Geometry.SectorBytes;
            Use(name, volume => volume.Extend(sizeBytes));
            Array.Resize(ref expected, sizeBytes);
            _expected[name] = expected;
        }

        Use(name, volume => volume.Write(offsetBytes, data));
        data.CopyTo(expected, offsetBytes);
    }

    internal void Resize(string name, int sizeBytes)
    {
        Use(name, volume => volume.Resize(sizeBytes));
        byte[] expected = _expected[name];
        Array.Resize(ref expected, sizeBytes);
        _expected[name] = expected;
    }

    internal void Punch(string name, int offsetBytes, int lengthBytes)
    {
        Use(name, volume => volume.Punch(offsetBytes, lengthBytes));
        byte[] expected = _expected[name];
        int start = Math.Min(offsetBytes, expected.Length);
        expected.AsSpan(start, Math.Min(lengthBytes, expected.Length - start)).Clear();
    }

    internal void Allocate(string name, int offsetBytes, int lengthBytes) => Use(name, volume => volume.Allocate(offsetBytes, lengthBytes));

    internal void Snapshot(string name, string snapshot)
    {
        _test.Pool.CreateSnapshot(name, snapshot);
        _expected.Add(snapshot, [.. _expected[name]]);
    }

    internal void Clone(string name, string target)
    {
        _test.Pool.Clone(name, target);
        _expected.Add(target, [.. _expected[name]]);
    }

    internal void CloneInto(string name, string empty) => Use(name, source => Use(empty, target =>
    {
        _test.Pool.TryCloneInto(source, target).Should().BeTrue();
        _expected[empty] = [.. _expected[name]];
    }));

    internal void Delete(string name)
    {
        _test.Pool.Delete(name);
        _expected.Remove(name);
    }

    /// <summary>Merges what can be merged, and has what was freed be used again.</summary>
    internal void Settle()
    {
        _test.Pool.ReclaimNow();
        _test.Pool.Status();
    }

    internal void KillAndReopen() => _test.KillAndReopen();

    /// <summary>Every volume and snapshot holds what was written, and zeros, and nothing else.</summary>
    internal void MustHoldNothingElse(string when)
    {
        foreach ((string name, byte[] expected) in _expected)
        {
            byte[] actual = PoolContent.Read(_test.Pool, name);
            actual.AsSpan().Contains(Marker).Should().BeFalse($"{name} must not show what a former owner wrote ({when})");
            PoolContent.Difference(expected, actual).Should().BeNull($"{name} ({when})");
        }

        _test.MustBeClean();
    }

    public void Dispose() => _test.Dispose();

    /// <summary>Writes the marker to all there is.</summary>
    private void Fill(string name)
    {
        byte[] marker = new byte[Chunk];
        marker.AsSpan().Fill(Marker);
        using VolumeHandle volume = _test.Volume(name, Extents * Chunk);
        for (int chunk = 0; chunk < Extents; chunk++)
        {
            volume.Write((long)chunk * Chunk, marker);
        }
    }

    /// <summary>How many extents' worth of marker the node holds.</summary>
    internal int MarkedExtents()
    {
        string node = _test.Disk.List("nodes").Single();
        using IStorageFile file = _test.Disk.Open("nodes/" + node, StorageOpenMode.Read, StorageCaching.Cached);
        byte[] content = new byte[file.LengthBytes];
        file.Read(0, content);
        return content.Count(value => value == Marker) / Chunk;
    }

    private void Use(string name, Action<VolumeHandle> action)
    {
        using VolumeHandle volume = _test.Handle(name);
        action(volume);
    }
}
