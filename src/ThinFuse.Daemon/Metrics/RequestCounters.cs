using ThinFuse.Fuse.Wire;

namespace ThinFuse.Daemon.Metrics;

/// <summary>Counts requests and refusals since the daemon began. Thread-safe; counting allocates nothing.</summary>
internal sealed class RequestCounters
{
    /// <summary>Room for every opcode that the kernel may think of; higher ones are counted together.</summary>
    private const int Opcodes = 64;

    private readonly long[] _requests = new long[Opcodes];
    private readonly long[] _errors = new long[Opcodes];
    private long _noSpace;
    private long _parkedWrites;
    private long _readBytes;
    private long _writtenBytes;

    /// <summary>How often a request was answered with ENOSPC.</summary>
    public long NoSpace => Interlocked.Read(ref _noSpace);

    /// <summary>How often a write waited without a thread for another operation.</summary>
    public long ParkedWrites => Interlocked.Read(ref _parkedWrites);

    /// <summary>Bytes answered to READ.</summary>
    public long ReadBytes => Interlocked.Read(ref _readBytes);

    /// <summary>Bytes acknowledged to WRITE.</summary>
    public long WrittenBytes => Interlocked.Read(ref _writtenBytes);

    /// <summary>A request has come.</summary>
    public void Began(FuseOpcode opcode) => Interlocked.Increment(ref _requests[Index(opcode)]);

    /// <summary>A request has been answered with an error.</summary>
    public void Failed(FuseOpcode opcode, int errno)
    {
        Interlocked.Increment(ref _errors[Index(opcode)]);
        if (errno == FuseErrno.ENOSPC)
        {
            Interlocked.Increment(ref _noSpace);
        }
    }

    /// <summary>A write has been parked.</summary>
    public void Parked() => Interlocked.Increment(ref _parkedWrites);

    /// <summary>A READ has been answered.</summary>
    public void Read(int lengthBytes) => Interlocked.Add(ref _readBytes, lengthBytes);

    /// <summary>A WRITE has been acknowledged.</summary>
    public void Wrote(int lengthBytes) => Interlocked.Add(ref _writtenBytes, lengthBytes);

    /// <summary>Every opcode that was seen, how often, and how many of them failed.</summary>
    public IEnumerable<(FuseOpcode Opcode, long Requests, long Errors)> ByOpcode()
    {
        for (int i = 0; i < Opcodes; i++)
        {
            long requests = Interlocked.Read(ref _requests[i]);
            if (requests > 0)
            {
                yield return ((FuseOpcode)i, requests, Interlocked.Read(ref _errors[i]));
            }
        }
    }

    private static int Index(FuseOpcode opcode) => (int)Math.Min((uint)opcode, Opcodes - 1);
}
