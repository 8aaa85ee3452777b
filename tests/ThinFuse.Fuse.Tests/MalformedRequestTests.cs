using System.Runtime.InteropServices;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;
using Xunit.Abstractions;

namespace ThinFuse.Fuse.Tests;

public sealed class MalformedRequestTests(ITestOutputHelper output) : IDisposable
{
    private const int HeaderBytes = 40;

    private readonly ITestOutputHelper _output = output;
    private readonly FakeKernel _kernel = new();
    private readonly RecordingFileSystem _fileSystem = new();
    private readonly CapturingLogger _logger = new();

    public void Dispose() => _kernel.Dispose();

    [Fact]
    public void The_samples_themselves_are_well_formed()
    {
        using FuseSession session = _kernel.Start(_fileSystem, _logger);
        foreach ((FuseOpcode opcode, byte[] rest) in RequestSamples.All.Where(sample => RequestSamples.WantsAnswer(sample.Opcode)))
        {
            _kernel.Call(opcode, 1, rest).Error.Should().Be(0, "{0} is understood", opcode);
        }
    }

    [Fact]
    public void A_request_cut_short_at_any_length_is_refused_and_never_reaches_the_file_system()
    {
        using FuseSession session = _kernel.Start(_fileSystem, _logger, threads: 1);
        foreach ((FuseOpcode opcode, byte[] rest) in RequestSamples.All)
        {
            for (int length = 0; length < rest.Length; length++)
            {
                _fileSystem.Calls.Clear();
                ulong unique = _kernel.Send(opcode, 1, rest[..length]);
                if (RequestSamples.WantsAnswer(opcode))
                {
                    _kernel.Receive().Should().BeEquivalentTo(
                        new { Unique = unique, Error = -FuseErrno.EINVAL }, "{0} has {1} bytes of {2}", opcode, length, rest.Length);
                }

                // What was whole of a batch may be done.
                _kernel.Call(FuseOpcode.StatFs, 1).Error.Should().Be(0);
                _fileSystem.Calls.Where(call => !call.StartsWith("forget", StringComparison.Ordinal)).Should().BeEmpty();
            }
        }
    }

    [Fact]
    public void A_message_shorter_than_a_header_is_dropped_and_the_next_is_served()
    {
        using FuseSession session = _kernel.Start(_fileSystem, _logger, threads: 1);
        byte[] request = _kernel.Request(FuseOpcode.StatFs, 1);
        for (int length = 1; length < HeaderBytes; length++)
        {
            _kernel.SendRaw(request.AsSpan(0, length));
        }

        _kernel.Call(FuseOpcode.StatFs, 1).Error.Should().Be(0);
        _logger.Entries.Should().HaveCount(HeaderBytes - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(HeaderBytes - 1)]
    [InlineData(HeaderBytes + 1)]
    [InlineData(int.MaxValue)]
    public void A_header_that_lies_about_its_length_is_refused(int lengthBytes)
    {
        using FuseSession session = _kernel.Start(_fileSystem, _logger);
        byte[] request = _kernel.Request(FuseOpcode.StatFs, 1);
        MemoryMarshal.Write(request, lengthBytes);
        _kernel.SendRaw(request);
        _kernel.Receive().Error.Should().Be(-FuseErrno.EINVAL);
    }

    [Fact]
    public void Values_that_no_file_can_have_are_refused()
    {
        using FuseSession session = _kernel.Start(_fileSystem, _logger);
        _fileSystem.Calls.Clear();
        const ulong TooFar = 1UL << 63;
        Refused(FuseOpcode.Read, Bytes.Of(new ReadIn { Size = FuseRequest.DataCapacityBytes + 1 }));
        Refused(FuseOpcode.Read, Bytes.Of(new ReadIn { Offset = TooFar, Size = 1 }));
        Refused(FuseOpcode.Read, Bytes.Of(new ReadIn { Offset = TooFar - 1, Size = 1 }));
        Refused(FuseOpcode.Write, Bytes.Of(new WriteIn { Offset = TooFar }));
        Refused(FuseOpcode.Write, Bytes.Of(new WriteIn { Size = 8 }), new byte[9]);
        Refused(FuseOpcode.Write, Bytes.Of(new WriteIn { Size = uint.MaxValue }), new byte[9]);
        Refused(FuseOpcode.SetAttributes, Bytes.Of(new SetAttributesIn { Valid = SetAttributesValid.Size, Size = TooFar }));
        Refused(FuseOpcode.Fallocate, Bytes.Of(new FallocateIn { Offset = 1, Length = TooFar - 1 }));
        Refused(FuseOpcode.Fallocate, Bytes.Of(new FallocateIn { Offset = 1 }));
        Refused(FuseOpcode.CopyFileRange64, Bytes.Of(new CopyFileRangeIn { TargetOffset = 1, Length = TooFar - 1 }));
        Refused(FuseOpcode.Seek, Bytes.Of(new SeekIn { Origin = (FuseSeekOrigin)2 }));
        Refused(FuseOpcode.Lookup, Bytes.Name(""));
        Refused(FuseOpcode.Lookup, Bytes.Name("a/b"));
        Refused(FuseOpcode.Lookup, Bytes.Name(new string('x', 4096)));
        _fileSystem.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(20_261_124)]
    [InlineData(7)]
    public void Garbage_is_always_answered_and_never_ends_the_session(int seed)
    {
        _output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using FuseSession session = _kernel.Start(_fileSystem, _logger);
        for (int round = 0; round < 3000; round++)
        {
            FuseOpcode opcode = (FuseOpcode)(random.Next(20) == 0 ? random.Next() : random.Next(60));
            byte[] rest = new byte[random.Next(10) == 0 ? random.Next(5000) : random.Next(120)];
            random.NextBytes(rest);
            if (random.Next(2) == 0)
            {
                // Small numbers get further than large ones.
                for (int i = 0; i < rest.Length; i++)
                {
                    rest[i] = i % 8 < 2 ? rest[i] : (byte)0;
                }
            }

            ulong unique = _kernel.Send(opcode, (ulong)random.NextInt64(), rest);
            if (RequestSamples.WantsAnswer(opcode))
            {
                FakeReply reply = _kernel.Receive();
                reply.Unique.Should().Be(unique, "round {0} sent {1}", round, opcode);
                reply.Error.Should().BeInRange(-511, 0);
            }
        }

        _kernel.Call(FuseOpcode.StatFs, 1).Error.Should().Be(0);
        session.Completion.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_261_124)]
    public void Requests_with_damaged_bytes_are_always_answered(int seed)
    {
        _output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using FuseSession session = _kernel.Start(_fileSystem, _logger);
        for (int round = 0; round < 200; round++)
        {
            foreach ((FuseOpcode opcode, byte[] body) in RequestSamples.All.Where(sample => RequestSamples.WantsAnswer(sample.Opcode)))
            {
                byte[] damaged = [.. body];
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                _kernel.Call(opcode, (ulong)random.NextInt64(), damaged).Error.Should().BeInRange(-511, 0, "round {0} sent {1}", round, opcode);
            }
        }
    }

    private void Refused(FuseOpcode opcode, params byte[][] parts) =>
        _kernel.Call(opcode, 1, parts).Error.Should().Be(-FuseErrno.EINVAL, "{0} is malformed", opcode);
}
