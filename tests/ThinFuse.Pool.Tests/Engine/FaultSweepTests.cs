using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;
using ThinFuse.Pool.Volumes;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>One workload, run once for each of its I/Os, which fails; and the opening of a pool in the same way.</summary>
public sealed class FaultSweepTests(ITestOutputHelper output)
{
    private const int Chunk = 16 << 10;
    private const int Block = TestPool.BlockBytes;
    private const SimulatedIoKind Changing = SimulatedIoKind.Any & ~SimulatedIoKind.Read;
    private const SimulatedIoKind Growing = SimulatedIoKind.Write | SimulatedIoKind.Allocate | SimulatedIoKind.Create | SimulatedIoKind.CreateDirectory;

    [Theory]
    [InlineData(Errno.EIO, Changing)]
    [InlineData(Errno.EIO, SimulatedIoKind.Read)]
    [InlineData(Errno.ENOSPC, Growing)]
    public void Whatever_io_fails_what_was_acknowledged_is_there_and_what_failed_is_whole_or_old(int errno, object kinds)
    {
        int faults = 0;
        for (int skip = 0; ; skip++)
        {
            using TestPool test = TestPool.Create(64, Chunk, alignmentBytes: 512);
            SimulatedFault fault = test.Disk.Inject(new SimulatedFault("*", (SimulatedIoKind)kinds, errno) { Skip = skip });
            FaultyRun run = new(test, fault, $"errno {errno}, I/O {skip}");
            run.Run();
            if (fault.Hits == 0)
            {
                break;
            }

            faults++;
        }

        output.WriteLine($"{faults} places of failure");
        faults.Should().BeGreaterThan(5);
    }

    /// <summary>Every write to the node in turn finds its place bad for good: nobody notices but the operator.</summary>
    [Fact]
    public void Whatever_place_of_a_node_cannot_be_written_everything_succeeds()
    {
        int retired = 0;
        int skip = 0;
        for (; ; skip++)
        {
            using TestPool test = TestPool.Create(64, Chunk, alignmentBytes: 512);
            SimulatedFault fault = test.Disk.Inject(
                new SimulatedFault(TestPool.NodeFiles, SimulatedIoKind.Write, Errno.EIO) { Skip = skip, SticksToPlace = true, FromBytes = Node.DataStartBytes });
            FaultyRun run = new(test, fault, $"bad place {skip}") { MustSucceed = true };
            run.Run();
            if (fault.Hits == 0)
            {
                break;
            }

            retired += run.Retired;
        }

        output.WriteLine($"{skip} places, {retired} extents retired");
        skip.Should().BeGreaterThan(5);
        retired.Should().BeGreaterThanOrEqualTo(skip);
    }

    [Theory]
    [InlineData(Errno.EIO, SimulatedIoKind.Any)]
    [InlineData(Errno.ENOSPC, Growing)]
    public void Whatever_io_fails_while_a_pool_is_opened_it_can_be_opened_afterwards(int errno, object kinds)
    {
        using TestPool test = TestPool.Create(64, Chunk, alignmentBytes: 512);
        FaultyRun run = new(test, null, "no fault");
        run.Run();
        SortedDictionary<string, byte[]> content = run.Content;
        int ios = test.Disk.IoCount;
        int faults = 0;
        for (int skip = 0; ; skip++)
        {
            SimulatedDisk disk = test.Disk.AfterKill(ios);
            SimulatedFault fault = disk.Inject(new SimulatedFault("*", (SimulatedIoKind)kinds, errno) { Skip = skip });
            string when = $"errno {errno}, I/O {skip}";
            Exception? failure = Record.Exception(() => ThinPool.Open(disk, EngineOptions.Quiet).Abandon());
            failure.Should().Match(e => e == null || e is StorageException || e is PoolException, when);
            failure?.Message.Should().NotContain("\n", when);
            if (fault.Hits == 0)
            {
                failure.Should().BeNull();
                break;
            }

            faults++;
            using TestPool after = TestPool.Open(disk.AfterKill(disk.IoCount));
            PoolContent.MustMatch(after.Pool, content, when);
            after.MustBeClean();
        }

        output.WriteLine($"{faults} places of failure");
        faults.Should().BeGreaterThan(5);
    }

    /// <summary>The workload beside a model that, after a failure, takes what it finds if the contract allows it.</summary>
    private sealed class FaultyRun(TestPool test, SimulatedFault? fault, string when)
    {
        private readonly ModelPool _model = new();

        public SortedDictionary<string, byte[]> Content => _model.Freeze();

        /// <summary>Whether no step may fail.</summary>
        public bool MustSucceed { get; init; }

        /// <summary>Extents that were out of use at the end.</summary>
        public int Retired { get; private set; }

        public void Run()
        {
            Step("create", pool => pool.CreateVolume("vm1", 6 * Chunk), model => model.Files["vm1"] = new byte[6 * Chunk]);
            Write("vm1", 0, 3 * Chunk, 1);
            Step("flush", Handle("vm1", handle => handle.Flush()), _ => { });
            Step("snapshot", pool => pool.CreateSnapshot("vm1", "vm1@s"), model => model.Files["vm1@s"] = model["vm1"]);
            Write("vm1", 512, Chunk, 2);
            Write("vm1", (2 * Chunk) + 1024, 2 * Block, 3);
            Step("punch", Handle("vm1", handle => handle.Punch(Chunk, Chunk + 512)), model => model.Punch("vm1", Chunk, Chunk + 512));
            Step("clone", pool => pool.Clone("vm1", "c"), model => model.Files["c"] = model["vm1"]);
            Write("c", Chunk, 4 * Chunk, 4);
            Step("commit", pool => pool.Commit(), _ => { });
            Step("shrink", pool => pool.Resize("c", Chunk + 1536), model => model.Resize("c", Chunk + 1536));
            Step("grow", pool => pool.Resize("c", 3 * Chunk), model => model.Resize("c", 3 * Chunk));
            Step("delete", pool => pool.Delete("vm1@s"), model => model.Files.Remove("vm1@s"));
            Step("reclaim", pool => pool.ReclaimNow(), _ => { });
            Write("c", 5 * Chunk, 1024, 5);
            Step("checkpoint", pool => pool.Checkpoint(), _ => { });
            Step("rename", pool => pool.Rename("c", "d"), model =>
            {
                model.Files["d"] = model["c"];
                model.Files.Remove("c");
            });
            Write("vm1", 0, Block, 6);
            Step("add space", pool => pool.Grow(80 * Chunk), _ => { });
            Step("flush", pool => pool.Commit(), _ => { });
            test.KillAndReopen();
            Retired = (int)test.Pool.Status().RetiredExtents;
            PoolContent.MustMatch(test.Pool, _model.Files, $"{when}, at the end");
            test.MustBeClean();
        }

        private static Action<ThinPool> Handle(string name, Action<VolumeHandle> action) => pool =>
        {
            using VolumeHandle handle = pool.Open((pool.Find(name) ?? throw new PoolException(PoolErrorKind.NotFound, name)).Id);
            action(handle);
        };

        private void Write(string name, int offset, int length, int seed)
        {
            byte[] data = TestPool.Pattern(seed, length);
            Step($"write {name} {offset}+{length}", Handle(name, handle => handle.Write(offset, data)), model => model.Write(name, offset, data));
        }

        private void Step(string what, Action<ThinPool> act, Action<ModelPool> apply)
        {
            SortedDictionary<string, byte[]> before = _model.Freeze();
            int hits = fault?.Hits ?? 0;
            Exception? failure = Record.Exception(() => act(test.Pool));

            // A step whose subject an earlier failure left out, or whose result is there already, is no step.
            bool hasSubject = failure is not PoolException { Kind: PoolErrorKind.NotFound or PoolErrorKind.Exists };
            if (!hasSubject)
            {
                return;
            }

            apply(_model);
            if (failure is null)
            {
                return;
            }

            string where = $"{when}, {what}: {failure.Message}";
            MustSucceed.Should().BeFalse(where);
            failure.Should().Match(e => e is StorageException || e is PoolException, where);
            bool hasFailed = test.Pool.Status().Mode >= PoolMode.ReadOnly;
            (hasFailed || fault!.Hits > hits).Should().BeTrue($"nothing failed but the pool: {where}");
            if (hasFailed)
            {
                test.KillAndReopen();
            }

            Adopt(before, where);
            test.MustBeClean();
        }

        private void Adopt(SortedDictionary<string, byte[]> before, string where)
        {
            string[] names = [.. test.Pool.Volumes(false).Select(info => info.Name)];
            bool isEither = names.SequenceEqual(before.Keys) || names.SequenceEqual(_model.Files.Keys);
            isEither.Should().BeTrue($"{where}: {string.Join(", ", names)}");
            SortedDictionary<string, byte[]> after = _model.Freeze();
            _model.Files.Clear();
            foreach (string name in names)
            {
                byte[] actual = test.Read(name);
                byte[][] allowed = [.. new[] { before, after }.Where(state => state.ContainsKey(name)).Select(state => state[name])];
                allowed.Should().Contain(content => content.Length == actual.Length, where);
                for (int at = 0; at < actual.Length; at += 512)
                {
                    byte[] sector = actual[at..(at + 512)];
                    bool isAllowed = allowed.Any(content =>
                        at < content.Length ? content.AsSpan(at, 512).SequenceEqual(sector) : !sector.AsSpan().ContainsAnyExcept((byte)0));
                    isAllowed.Should().BeTrue($"{where}: {name} at {at}");
                }

                _model.Files[name] = actual;
            }
        }
    }
}
