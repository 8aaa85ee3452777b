using System.Runtime.InteropServices;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Resolved;

/// <summary>
/// Every block has one writer, who numbers what he does: most numbers are written, every fifth is a hole. A reader must find a number that nothing acknowledged
/// had replaced when he began, and that was begun when he ended.
/// </summary>
/// <remarks>
/// What a reader finds of a write that is not acknowledged says nothing for the next one: a reader who was mapped before a hole was made may read from the extent
/// after the write that fills the hole again has moved its data there, and before it is published.
/// </remarks>
internal sealed class ResolvedStomper
{
    private const int Block = TestPool.BlockBytes;
    private const int Blocks = 48;
    private const int TailBlocks = 24;
    private const int Operations = 4000;
    private const int MaxSnapshots = 7;
    private readonly ThinPool _pool;
    private readonly int _seed;
    private readonly int _writers;
    private readonly VolumeHandle _main;
    private readonly long[] _begun = new long[Blocks];
    private readonly long[] _done = new long[Blocks];
    private volatile bool _stop;
    private long _reads;
    private int _snapshots;

    internal ResolvedStomper(ThinPool pool, int seed, int writers)
    {
        (_pool, _seed, _writers) = (pool, seed, writers);
        _main = pool.Open(pool.CreateVolume("main", (Blocks + TailBlocks) * Block).Id);
    }

    internal string Told => $"{_reads} blocks read beside {_snapshots} snapshots";

    internal void Stop() => _stop = true;

    internal void Write(int writer)
    {
        Random random = new((_seed * 100) + writer);
        byte[] data = new byte[Block];
        for (int n = 0; n < Operations; n++)
        {
            int block = (random.Next(Blocks / _writers) * _writers) + writer;
            long number = _begun[block] + 1;
            Volatile.Write(ref _begun[block], number);
            if (IsHole(number))
            {
                _main.Punch((long)block * Block, Block);
            }
            else
            {
                MemoryMarshal.Cast<byte, long>(data.AsSpan()).Fill(Stamp(block, number));
                _main.Write((long)block * Block, data);
            }

            Volatile.Write(ref _done[block], number);
        }
    }

    internal void Read(int reader)
    {
        Random random = new((_seed * 100) + 50 + reader);
        while (!_stop)
        {
            ReadBlocks(random.Next(Blocks), random.Next(1, 6), _main);

            // Keeps what lies behind known as well.
            _main.Read((Blocks + random.Next(TailBlocks)) * (long)Block, new byte[Block]);
        }
    }

    internal void VerifyAll() => ReadBlocks(0, Blocks, _main);

    internal void Snapshot()
    {
        Random random = new((_seed * 100) + 99);
        List<string> names = [];
        while (!_stop)
        {
            string name = $"main@{_snapshots++}";
            long[] least = Copy(_done);
            _pool.CreateSnapshot("main", name);
            long[] most = Copy(_begun);
            names.Add(name);
            using (VolumeHandle snapshot = _pool.Open(_pool.Find(name)!.Id))
            {
                byte[] first = ReadWhole(snapshot);
                for (int block = 0; block < Blocks; block++)
                {
                    MustBeBetween(name, block, ValueOf(first, block), least[block], most[block]);
                }

                if (!first.AsSpan().SequenceEqual(ReadWhole(snapshot)))
                {
                    throw new InvalidOperationException($"{name} changed");
                }
            }

            RecycleTail(random);
            while (names.Count >= MaxSnapshots)
            {
                int index = random.Next(names.Count);
                _pool.Delete(names[index]);
                names.RemoveAt(index);
            }
        }
    }

    /// <summary>What a shrink has cut off reads as zero after the volume has grown again.</summary>
    private void RecycleTail(Random random)
    {
        byte[] data = new byte[random.Next(1, TailBlocks) * Block];
        data.AsSpan().Fill(0xAA);
        _main.Write(Blocks * (long)Block, data);
        _pool.CreateSnapshot("main", "main@tail");
        _main.Resize((Blocks * Block) + (random.Next(3) * Block));
        _main.Resize((Blocks + TailBlocks) * Block);
        byte[] tail = new byte[(TailBlocks - 2) * Block];
        _main.Read((Blocks + 2) * (long)Block, tail);
        if (tail.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException("what was cut off came back");
        }

        _pool.Delete("main@tail");
    }

    private void ReadBlocks(int first, int count, VolumeHandle handle)
    {
        count = Math.Min(count, Blocks - first);
        long[] least = Copy(_done);
        byte[] bytes = new byte[count * Block];
        handle.Read((long)first * Block, bytes);
        for (int i = 0; i < count; i++)
        {
            int block = first + i;
            MustBeBetween("main", block, ValueOf(bytes, i), least[block], Volatile.Read(ref _begun[block]));
        }

        Interlocked.Add(ref _reads, count);
    }

    private static void MustBeBetween(string name, int block, long value, long least, long most)
    {
        long number = value & uint.MaxValue;
        if (value == 0)
        {
            number = least;
            while (!IsHole(number) && number <= most)
            {
                number++;
            }
        }

        bool fits = number >= least && number <= most && (value == 0 || (value == Stamp(block, number) && !IsHole(number)));
        if (!fits)
        {
            throw new InvalidOperationException($"{name}: block {block} holds {value:x}, which is not of {least} to {most}");
        }
    }

    private static long ValueOf(byte[] bytes, int index)
    {
        ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(bytes.AsSpan(index * Block, Block));
        return words.ContainsAnyExcept(words[0]) ? throw new InvalidOperationException($"block {index} holds {words[0]:x} and others") : words[0];
    }

    private static byte[] ReadWhole(VolumeHandle handle)
    {
        byte[] bytes = new byte[Blocks * Block];
        handle.Read(0, bytes);
        return bytes;
    }

    private static long[] Copy(long[] numbers)
    {
        long[] copy = new long[numbers.Length];
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = Volatile.Read(ref numbers[i]);
        }

        return copy;
    }

    private static bool IsHole(long number) => number % 5 == 0;

    private static long Stamp(int block, long number) => ((long)(block + 1) << 40) | number;
}
