using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;
using Xunit.Abstractions;

namespace ThinFuse.Fuse.Tests;

/// <summary>
/// The requests of a program that works with files, sent again with something changed in them, left out, doubled or in another order: each that wants an answer
/// gets one, and the session goes on.
/// </summary>
/// <remarks>A few seeds each run; THINFUSE_FUZZ_SECONDS=N goes on for N seconds, and THINFUSE_FUZZ_SEED=SEED begins there.</remarks>
public sealed class RecordedRequestTests(ITestOutputHelper output)
{
    private const int UsualSeeds = 40;
    private const ulong Root = 1;

    [Fact]
    public void Changed_requests_are_always_answered_and_never_end_the_session()
    {
        List<(FuseOpcode Opcode, ulong NodeId, byte[] Body)> recorded = Record();
        int first = Setting("THINFUSE_FUZZ_SEED");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_FUZZ_SECONDS"));
        Stopwatch watch = Stopwatch.StartNew();
        int seed = first;
        int refused = 0;
        for (; seed < first + UsualSeeds || watch.Elapsed < time; seed++)
        {
            Random random = new(seed);
            using FakeKernel kernel = new();
            using FuseSession session = kernel.Start(new MemoryFileSystem(), new CapturingLogger());
            foreach ((FuseOpcode opcode, ulong nodeId, byte[] body) in Shuffle(recorded, random))
            {
                (FuseOpcode sent, ulong node, byte[] changed) = Change(opcode, nodeId, body, random);
                ulong unique = kernel.Send(sent, node, changed);
                if (RequestSamples.WantsAnswer(sent))
                {
                    FakeReply reply = kernel.Receive();
                    reply.Unique.Should().Be(unique, "seed {0} sent {1}", seed, sent);
                    reply.Error.Should().BeInRange(-511, 0, "seed {0} sent {1}", seed, sent);
                    refused += reply.Error == 0 ? 0 : 1;
                }
            }

            kernel.Call(FuseOpcode.StatFs, Root).Error.Should().Be(0, "seed {0} is over", seed);
            session.Completion.IsCompleted.Should().BeFalse("seed {0} is over", seed);
        }

        output.WriteLine($"seeds {first} to {seed - 1}: {recorded.Count} requests each, {refused} refused");
        refused.Should().BePositive();
    }

    /// <summary>Makes, writes, reads and removes two files; all of it is answered without an error.</summary>
    private static List<(FuseOpcode Opcode, ulong NodeId, byte[] Body)> Record()
    {
        List<(FuseOpcode, ulong, byte[])> recorded = [];
        using FakeKernel kernel = new();
        using FuseSession session = kernel.Start(new MemoryFileSystem(), new CapturingLogger());
        ulong one = Make("one");
        ulong two = Make("two");
        Call(FuseOpcode.Lookup, Root, Bytes.Name("one"));
        Call(FuseOpcode.GetAttributes, one, Bytes.Of(default(GetAttributesIn)));
        Call(FuseOpcode.SetAttributes, one, Bytes.Of(new SetAttributesIn { Valid = SetAttributesValid.Size, Size = 100_000 }));
        Call(FuseOpcode.Open, one, Bytes.Of(default(OpenIn)));
        Call(FuseOpcode.Write, one, [.. Bytes.Of(new WriteIn { Handle = one, Offset = 4096, Size = 9000 }), .. Bytes.Pattern(9000)]);
        Call(FuseOpcode.Read, one, Bytes.Of(new ReadIn { Handle = one, Offset = 4096, Size = 8192 }));
        Call(FuseOpcode.Fallocate, one, Bytes.Of(new FallocateIn { Handle = one, Offset = 8192, Length = 4096, Mode = FuseFallocateModes.KeepSize | FuseFallocateModes.PunchHole }));
        Call(FuseOpcode.Seek, one, Bytes.Of(new SeekIn { Handle = one, Origin = FuseSeekOrigin.Data }));
        Call(FuseOpcode.CopyFileRange, one, Bytes.Of(new CopyFileRangeIn { SourceHandle = one, TargetNodeId = two, TargetHandle = two, Length = 5000 }));
        Call(FuseOpcode.SetExtendedAttribute, one, [.. Bytes.Of(new SetExtendedAttributeIn { Size = 2 }), .. Bytes.Name("user.a"), 1, 2]);
        Call(FuseOpcode.GetExtendedAttribute, one, [.. Bytes.Of(new GetExtendedAttributeIn { Size = 100 }), .. Bytes.Name("user.a")]);
        Call(FuseOpcode.ListExtendedAttributes, one, Bytes.Of(new GetExtendedAttributeIn { Size = 100 }));
        Call(FuseOpcode.Fsync, one, Bytes.Of(default(FsyncIn)));
        Call(FuseOpcode.Flush, one, Bytes.Of(default(FlushIn)));
        Call(FuseOpcode.Release, one, Bytes.Of(default(ReleaseIn)));
        Call(FuseOpcode.OpenDirectory, Root, Bytes.Of(default(OpenIn)));
        Call(FuseOpcode.ReadDirectory, Root, Bytes.Of(new ReadIn { Size = 4096 }));
        Call(FuseOpcode.ReadDirectoryPlus, Root, Bytes.Of(new ReadIn { Size = 4096 }));
        Call(FuseOpcode.Rename2, Root, [.. Bytes.Of(new Rename2In { NewDirectory = Root }), .. Bytes.Name("two"), .. Bytes.Name("three")]);
        Call(FuseOpcode.StatFs, Root);
        Call(FuseOpcode.Unlink, Root, Bytes.Name("three"));
        recorded.Add((FuseOpcode.Forget, two, Bytes.Of(new ForgetIn { Lookups = 1 })));
        return recorded;

        ulong Make(string name) =>
            BinaryPrimitives.ReadUInt64LittleEndian(Call(FuseOpcode.Create, Root, [.. Bytes.Of(default(CreateIn)), .. Bytes.Name(name)]).Body);

        FakeReply Call(FuseOpcode opcode, ulong nodeId, params byte[] body)
        {
            FakeReply reply = kernel.Call(opcode, nodeId, body);
            reply.Error.Should().Be(0, "{0} is right as it is recorded", opcode);
            recorded.Add((opcode, nodeId, body));
            return reply;
        }
    }

    /// <summary>Leaves some out, sends some twice, and moves some.</summary>
    private static List<(FuseOpcode Opcode, ulong NodeId, byte[] Body)> Shuffle(List<(FuseOpcode, ulong, byte[])> recorded, Random random)
    {
        List<(FuseOpcode, ulong, byte[])> sent = [.. recorded];
        for (int i = random.Next(5); i > 0; i--)
        {
            int at = random.Next(sent.Count);
            (FuseOpcode, ulong, byte[]) moved = sent[at];
            if (random.Next(3) != 0)
            {
                sent.RemoveAt(at);
            }

            if (random.Next(3) != 0)
            {
                sent.Insert(random.Next(sent.Count + 1), moved);
            }
        }

        return sent;
    }

    private static (FuseOpcode Opcode, ulong NodeId, byte[] Body) Change(FuseOpcode opcode, ulong nodeId, byte[] body, Random random)
    {
        byte[] changed = [.. body];
        int at = random.Next(Math.Max(1, body.Length));
        switch (random.Next(10))
        {
            case 0 when body.Length != 0:
                changed[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when body.Length != 0:
                random.NextBytes(changed.AsSpan(at, Math.Min(random.Next(1, 9), body.Length - at)));
                break;
            case 2:
                changed = changed[..at];
                break;
            case 3:
                changed = [.. changed, .. Bytes.Pattern(random.Next(1, 300))];
                break;
            case 4:
                nodeId = random.Next(2) == 0 ? (ulong)random.Next(6) : (ulong)random.NextInt64();
                break;
            case 5:
                opcode = (FuseOpcode)random.Next(1, 56);
                break;
            case 6 when body.Length >= sizeof(ulong):
                ulong edge = random.Next(4) switch { 0 => 0, 1 => long.MaxValue, 2 => ulong.MaxValue, _ => 1UL << random.Next(63) };
                BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(at / sizeof(ulong) * sizeof(ulong) is int field && field + 8 <= body.Length ? field : 0), edge);
                break;
            default:
                // As it is: what comes later finds what it needs.
                break;
        }

        return (opcode is FuseOpcode.Init or FuseOpcode.Destroy ? FuseOpcode.StatFs : opcode, nodeId, changed);
    }

    private static int Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
