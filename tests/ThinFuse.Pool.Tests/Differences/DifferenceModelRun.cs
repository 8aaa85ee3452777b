using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Differences;

/// <summary>
/// Random trees on a pool and on its model. What is written is random and no zero is written, so that a block differs in its bytes where it differs in
/// its place. Only a block that a shrink cut into may be another with the same bytes, so sizes are whole blocks where exactness is tested.
/// </summary>
internal sealed class DifferenceModelRun(TestPool test, int seed, bool isExact)
{
    private const int MaxVolumeBlocks = 320;
    private const int MaxFiles = 12;
    private readonly int _blockBytes = test.Pool.Geometry.BlockBytes;
    private readonly Random _random = new(seed);
    private readonly ModelPool _model = new();
    private int _names;

    internal int RelatedPairs { get; private set; }

    internal long ChangedBlocks { get; private set; }

    internal void Step()
    {
        switch (_random.Next(100))
        {
            case < 6:
                Create();
                break;
            case < 45:
                Write();
                break;
            case < 55:
                Punch();
                break;
            case < 75:
                Derive();
                break;
            case < 85:
                Delete();
                break;
            case < 93:
                Resize();
                break;
            case < 97:
                test.Pool.ReclaimNow();
                break;
            default:
                test.KillAndReopen();
                break;
        }
    }

    /// <summary>Compares a file with another, perhaps itself, and both with the model.</summary>
    internal void CompareAny(string when)
    {
        if (_model.Files.Count == 0)
        {
            return;
        }

        string? from = _random.Next(8) == 0 ? null : Any();
        string to = Any();
        byte[] after = _model[to];
        byte[] before = new byte[after.Length];
        if (from is not null)
        {
            _model[from].AsSpan(0, Math.Min(after.Length, _model[from].Length)).CopyTo(before);
        }

        RangeKind?[] kinds = Kinds(from, to, after.Length, when);
        for (int block = 0; block < kinds.Length; block++)
        {
            int start = block * _blockBytes;
            ReadOnlySpan<byte> old = before.AsSpan(start, Math.Min(_blockBytes, before.Length - start));
            ReadOnlySpan<byte> now = after.AsSpan(start, old.Length);
            bool isZero = !now.ContainsAnyExcept((byte)0);
            bool differs = !old.SequenceEqual(now);
            string what = $"block {block} of {from} -> {to}, {when}";
            if (differs)
            {
                kinds[block].Should().NotBeNull(what);
            }
            else if (isExact)
            {
                kinds[block].Should().BeNull(what);
            }

            if (kinds[block] is not null && !isZero)
            {
                kinds[block].Should().Be(RangeKind.Data, what);
            }

            ChangedBlocks += kinds[block] is null ? 0 : 1;
        }
    }

    private RangeKind?[] Kinds(string? from, string to, int sizeBytes, string when)
    {
        using VolumeHandle? before = from is null ? null : test.Handle(from);
        using VolumeHandle after = test.Handle(to);
        RelatedPairs += before is not null && new Comparison(test.Pool.Core, before.Volume, after.Volume).IsRelated ? 1 : 0;
        RangeKind?[] kinds = new RangeKind?[(sizeBytes + _blockBytes - 1) / _blockBytes];
        long end = -1;
        RangeKind? last = null;
        foreach (ChangedRange range in test.Pool.Compare(before, after, evenUnrelated: true))
        {
            range.LengthBytes.Should().BePositive(when);
            range.OffsetBytes.Should().BeGreaterThanOrEqualTo(end, when);
            (range.OffsetBytes == end && range.Kind == last).Should().BeFalse($"neighbours are one range, {when}");
            (end, last) = (range.OffsetBytes + range.LengthBytes, range.Kind);
            end.Should().BeLessThanOrEqualTo(sizeBytes, when);
            for (long at = range.OffsetBytes; at < end; at += _blockBytes)
            {
                kinds[at / _blockBytes] = range.Kind;
            }
        }

        return kinds;
    }

    private void Create()
    {
        if (_model.Files.Count < MaxFiles)
        {
            string name = $"v{_names++}";
            int size = Size();
            test.Pool.CreateVolume(name, size);
            _model.Files[name] = new byte[size];
        }
    }

    private void Write()
    {
        if (AnyVolume() is not { } name)
        {
            return;
        }

        int offset = _random.Next(MaxVolumeBlocks * _blockBytes);
        int length = _random.Next(16, _random.Next(4) == 0 ? 20 * _blockBytes : 2 * _blockBytes);
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = (byte)_random.Next(1, 256);
        }

        With(name, handle => handle.Write(offset, data));
        _model.Write(name, offset, data);
    }

    private void Punch()
    {
        if (AnyVolume() is { } name)
        {
            int offset = _random.Next(MaxVolumeBlocks) * _blockBytes;
            int length = _random.Next(1, 40) * _blockBytes;
            With(name, handle => handle.Punch(offset, length));
            _model.Punch(name, offset, length);
        }
    }

    private void Derive()
    {
        if (_model.Files.Count is 0 or >= MaxFiles)
        {
            return;
        }

        string origin = Any();
        string name = $"v{_names++}";
        if (_random.Next(3) == 0)
        {
            test.Pool.Clone(origin, name);
        }
        else if (AnyVolume() is { } volume)
        {
            (origin, name) = (volume, $"{volume}@s{_names}");
            test.Pool.CreateSnapshot(origin, name);
        }
        else
        {
            return;
        }

        _model.Files[name] = _model[origin];
    }

    private void Delete()
    {
        if (_model.Files.Count > MaxFiles / 2)
        {
            string name = Any();
            test.Pool.Delete(name);
            _model.Files.Remove(name);
        }
    }

    private void Resize()
    {
        if (AnyVolume() is { } name)
        {
            int size = Size();
            test.Pool.Resize(name, size);
            _model.Resize(name, size);
        }
    }

    private int Size() => isExact
        ? _random.Next(1, MaxVolumeBlocks) * _blockBytes
        : _random.Next(1, MaxVolumeBlocks * _blockBytes / 512) * 512;

    private string Any() => _model.Files.Keys.ElementAt(_random.Next(_model.Files.Count));

    private string? AnyVolume()
    {
        string[] volumes = [.. _model.Files.Keys.Where(name => !name.Contains('@', StringComparison.Ordinal))];
        return volumes.Length == 0 ? null : volumes[_random.Next(volumes.Length)];
    }

    private void With(string name, Action<VolumeHandle> action)
    {
        using VolumeHandle handle = test.Handle(name);
        action(handle);
    }
}
