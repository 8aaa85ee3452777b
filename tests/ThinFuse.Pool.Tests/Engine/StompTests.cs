using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>
/// Many threads on the same few chunks, across snapshots, clones, deletes, merges, punches and resizes. Every block is stamped whole: what is read must be one
/// stamp that somebody wrote there, or zeros.
/// </summary>
public sealed class StompTests(ITestOutputHelper output)
{
    private const int Threads = 8;

    [Theory]
    [InlineData(1, 5000, 64 << 10)]
    [InlineData(2, 5000, 64 << 10)]
    [InlineData(3, 5000, 16 << 10)]
    [InlineData(4, 5000, 4 << 10)]
    public void Every_block_is_a_stamp_that_was_written_there(int seed, int operations, int chunkBytes)
    {
        output.WriteLine($"seed {seed}, {operations} operations in each of {Threads} threads, chunk {chunkBytes}");
        using TestPool test = TestPool.Create(
            (64 << 20) / chunkBytes,
            chunkBytes,
            options: EngineOptions.Quiet with { BackgroundReclaim = true, ReclaimThreads = 4, CommitIntervalMs = 20, CheckpointEveryBytes = 64 << 10 });
        Stomper stomper = new(test.Pool, seed, operations);
        BackgroundCall[] calls = [.. Enumerable.Range(0, Threads).Select(thread => BackgroundCall.Start($"thread {thread}", () => stomper.Run(thread)))];
        Exception?[] failures = [.. calls.Select(call => stomper.Join(call))];
        failures.Should().OnlyContain(failure => failure == null, $"seed {seed}");
        test.Pool.ReclaimNow();
        test.MustBeClean();
        Dictionary<string, byte[]> content = test.Pool.Volumes(false).ToDictionary(info => info.Name, info => test.Read(info.Name));
        foreach ((string name, byte[] bytes) in content)
        {
            stomper.Verify(name, 0, bytes);
        }

        test.KillAndReopen();
        PoolContent.MustMatch(test.Pool, content.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(), "after a kill");
        test.MustBeClean();
        test.Pool.Status().AllocatedBytes.Should().BeLessThanOrEqualTo(test.Pool.Status().TotalBytes);
    }

    private sealed class Stomper(ThinPool pool, int seed, int operations)
    {
        private const int Block = TestPool.BlockBytes;
        private const int Blocks = 72;

        /// <summary>The first blocks of the main volume belong to one thread each: what it wrote there is what it must read, at any time.</summary>
        private const int PrivateBlocks = Threads;
        private const int MaxNames = 10;
        private readonly long[] _stamps = new long[Threads];
        private readonly string[] _doing = new string[Threads];
        private readonly VolumeHandle _main = pool.Open(pool.CreateVolume("main", Blocks * Block).Id);
        private int _names;

        public Exception? Join(BackgroundCall call)
        {
            try
            {
                return call.Join();
            }
            catch (TimeoutException e)
            {
                throw new TimeoutException($"seed {seed}: {e.Message}; threads: {string.Join("; ", _doing.Select((what, i) => $"{i} {what}"))}", e);
            }
        }

        public void Run(int thread)
        {
            Random random = new((seed * 100) + thread);
            long own = 0;
            for (int n = 0; n < operations; n++)
            {
                try
                {
                    own = Step(thread, random, own);
                }
                catch (PoolException e) when (e.Kind is PoolErrorKind.NotFound or PoolErrorKind.Exists)
                {
                    // Somebody else deleted it, or was first.
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"seed {seed}, thread {thread}, operation {n}: {_doing[thread]}", e);
                }
            }

            _doing[thread] = "done";
        }

        public void Verify(string name, long firstBlock, ReadOnlySpan<byte> content)
        {
            for (int at = 0; at + Block <= content.Length; at += Block)
            {
                long block = firstBlock + (at / Block);
                ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(content.Slice(at, Block));
                long stamp = words[0];
                if (words.ContainsAnyExcept(stamp))
                {
                    throw new InvalidOperationException($"{name}: block {block} holds {stamp:x} and {words[words.IndexOfAnyExcept(stamp)]:x}");
                }

                int writer = (int)(stamp >> 32) & 0xff;
                bool wasWritten = stamp == 0
                    || (stamp >> 40 == block && writer < Threads && (stamp & uint.MaxValue) <= Volatile.Read(ref _stamps[writer]));
                if (!wasWritten)
                {
                    throw new InvalidOperationException($"{name}: nobody wrote {stamp:x} to block {block}");
                }
            }
        }

        private long Step(int thread, Random random, long own)
        {
            int choice = random.Next(100);
            if (choice < 10)
            {
                own = Stamp(thread, thread);
                _doing[thread] = $"write own {own:x}";
                WriteBlocks(_main, thread, [own]);
            }
            else if (choice < 25)
            {
                ReadOwn(thread, own);
            }
            else if (choice < 30)
            {
                SnapshotOwn(thread, random, own);
            }
            else if (choice < 60)
            {
                With(thread, random, wantVolume: true, handle => WriteSome(thread, random, handle));
            }
            else if (choice < 78)
            {
                With(thread, random, wantVolume: false, handle => ReadTwice(thread, random, handle));
            }
            else if (choice < 86)
            {
                With(thread, random, wantVolume: true, handle => PunchSome(thread, random, handle));
            }
            else if (choice < 91)
            {
                Derive(thread, random);
            }
            else if (choice < 96)
            {
                DeleteSome(thread, random);
            }
            else if (choice < 98)
            {
                long size = random.Next(PrivateBlocks + 8, Blocks) * (long)Block;
                _doing[thread] = $"resize main {size}";
                _main.Resize(size);
            }
            else
            {
                _doing[thread] = "allocate or commit";
                With(thread, random, wantVolume: true, handle => handle.Allocate(random.Next(Blocks) * Block, 20 * Block));
                pool.Commit();
            }

            return own;
        }

        private void ReadOwn(int thread, long own)
        {
            _doing[thread] = "read own";
            byte[] seen = new byte[Block];
            _main.Read((long)thread * Block, seen);
            byte[] again = new byte[Block];
            _main.Read((long)thread * Block, again);
            MustBe(own, seen, $"main (which then read {BinaryPrimitives.ReadInt64LittleEndian(again):x})");
        }

        private void SnapshotOwn(int thread, Random random, long own)
        {
            if (pool.Volumes(false).Count >= MaxNames)
            {
                return;
            }

            string name = $"main@s{Interlocked.Increment(ref _names)}";
            _doing[thread] = $"snapshot {name}";
            ulong id = pool.CreateSnapshot("main", name).Id;
            using VolumeHandle handle = pool.Open(id);
            byte[] seen = new byte[Block];
            for (int i = 0; i < 2; i++)
            {
                handle.Read((long)thread * Block, seen);
                MustBe(own, seen, name);
                WriteBlocks(_main, thread, [own]);
            }

            ReadTwice(thread, random, handle);
        }

        private static void MustBe(long own, byte[] seen, string name)
        {
            long actual = BinaryPrimitives.ReadInt64LittleEndian(seen);
            if (actual != own)
            {
                throw new InvalidOperationException($"{name}: the thread's own block holds {actual:x}, not {own:x}");
            }
        }

        private void With(int thread, Random random, bool wantVolume, Action<VolumeHandle> action)
        {
            IReadOnlyList<VolumeInfo> names = pool.Volumes(false);
            VolumeInfo info = names[random.Next(names.Count)];
            if (wantVolume && info.IsReadOnly)
            {
                return;
            }

            _doing[thread] = $"open {info.Name}";
            using VolumeHandle handle = pool.Open(info.Id);
            action(handle);
        }

        private (int First, int Count) SomeBlocks(Random random, int max)
        {
            int first = random.Next(PrivateBlocks, Blocks - max);
            return (first, random.Next(1, max));
        }

        private void WriteSome(int thread, Random random, VolumeHandle handle)
        {
            (int first, int count) = SomeBlocks(random, random.Next(4) == 0 ? 34 : 6);
            count = (int)Math.Min(count, (handle.SizeBytes / Block) - first);
            if (count > 0)
            {
                _doing[thread] = $"write {first}+{count}";
                WriteBlocks(handle, first, [.. Enumerable.Range(first, count).Select(block => Stamp(thread, block))]);
            }
        }

        private void ReadTwice(int thread, Random random, VolumeHandle handle)
        {
            (int first, int count) = SomeBlocks(random, 40);
            _doing[thread] = $"read {first}+{count}";
            byte[] once = new byte[count * Block];
            int length = handle.Read((long)first * Block, once);
            Verify(handle.Info.Name, first, once.AsSpan(0, length));
            if (handle.IsReadOnly)
            {
                byte[] twice = new byte[count * Block];
                handle.Read((long)first * Block, twice);
                if (!once.AsSpan().SequenceEqual(twice))
                {
                    throw new InvalidOperationException($"{handle.Info.Name} changed at {once.AsSpan().CommonPrefixLength(twice)} of {first}+{count}");
                }
            }
        }

        private void PunchSome(int thread, Random random, VolumeHandle handle)
        {
            (int first, int count) = SomeBlocks(random, 20);
            _doing[thread] = $"punch {first}+{count}";
            handle.Punch((long)first * Block, (long)count * Block);
        }

        private void Derive(int thread, Random random)
        {
            IReadOnlyList<VolumeInfo> names = pool.Volumes(false);
            if (names.Count >= MaxNames)
            {
                return;
            }

            string source = names[random.Next(names.Count)].Name;
            int number = Interlocked.Increment(ref _names);
            _doing[thread] = $"derive {number} from {source}";
            _ = random.Next(2) == 0
                ? pool.Clone(source, $"c{number}")
                : pool.CreateSnapshot(source, $"{source.Split('@')[0]}@s{number}");
        }

        private void DeleteSome(int thread, Random random)
        {
            VolumeInfo[] names = [.. pool.Volumes(false).Where(info => info.Name != "main")];
            if (names.Length != 0)
            {
                string name = names[random.Next(names.Length)].Name;
                _doing[thread] = $"delete {name}";
                pool.Delete(name);
            }
        }

        private long Stamp(int thread, int block) => ((long)block << 40) | ((long)thread << 32) | (uint)Interlocked.Increment(ref _stamps[thread]);

        private static void WriteBlocks(VolumeHandle handle, int first, ReadOnlySpan<long> stamps)
        {
            byte[] data = new byte[stamps.Length * Block];
            for (int i = 0; i < stamps.Length; i++)
            {
                MemoryMarshal.Cast<byte, long>(data.AsSpan(i * Block, Block)).Fill(stamps[i]);
            }

            handle.Write((long)first * Block, data);
        }
    }
}
