using System.Diagnostics;
using ThinFuse.Fuse.Transfers;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Serving;

/// <summary>A request of the kernel: who asks for what, the buffer for its data, and the way to answer it.</summary>
/// <remarks>
/// <para>Answered exactly once, with one of the Reply methods, from any thread, now or later. A second answer throws
/// <see cref="InvalidOperationException"/> as long as this object still stands for the same request.</para>
/// <para>Pooled: once it is answered and the handler that received it has returned, the object stands for another request.
/// Whoever shares one between threads decides by its own means, such as removing it from a list, who answers it; nobody else touches it afterwards.</para>
/// <para>A Reply method never fails because the kernel has lost interest: that is no concern of the file system.</para>
/// </remarks>
public sealed unsafe partial class FuseRequest
{
    /// <summary>Size of the data area in bytes: the largest READ or WRITE.</summary>
    public const int DataCapacityBytes = 1 << 20;

    private readonly FuseRequestMemory _memory;
    private InHeader _header;
    private byte* _arguments;
    private int _argumentsLengthBytes;
    private byte* _payload;
    private int _payloadLengthBytes;
    private int _dataLengthBytes;

    internal FuseRequest(FuseRequestMemory memory)
    {
        _memory = memory;
        Directory = new FuseDirectoryWriter(this);
    }

    /// <summary>Marks the number of a request that the kernel sends again.</summary>
    private const ulong ResentBit = 1UL << 63;

    /// <summary>The kernel's number for this request. Never used twice in a connection; a request that is sent again keeps its number, but for a mark.</summary>
    public ulong Unique => _header.Unique;

    /// <summary>The number without the mark of a request that is sent again.</summary>
    public ulong OriginalUnique => _header.Unique & ~ResentBit;

    /// <summary>
    /// Whether a process that has ended had read this request and not answered it: it may have done nothing of it, a part, or all.
    /// </summary>
    public bool IsResent => (_header.Unique & ResentBit) != 0;

    /// <summary>The node it is about; for operations on names, the directory. 1 is the root.</summary>
    public ulong NodeId => _header.NodeId;

    /// <summary>The caller's user, in the user namespace of the mount.</summary>
    public uint UserId => _header.UserId;

    /// <summary>The caller's group.</summary>
    public uint GroupId => _header.GroupId;

    /// <summary>The caller's thread, as a process id; 0 when it lies outside the mount's pid namespace.</summary>
    public uint ProcessId => _header.ProcessId;

    /// <summary>What it asks for.</summary>
    public FuseOpcode Opcode => _header.Opcode;

    /// <summary>The flags that the caller's file has at this moment; for READ only.</summary>
    public FuseFileFlags FileFlags { get; internal set; }

    /// <summary>
    /// Whether a READ may be answered with fewer bytes than there are, as a disk answers that is bad further on: the caller gets them, and asks again for the
    /// rest. The page cache, which otherwise asks, would take that for the end of the file, and what is behind it for zeros.
    /// </summary>
    public bool MayBeShort { get; internal set; }

    /// <summary>Where the file system keeps what it needs until the answer. Null when the request arrives.</summary>
    public object? State { get; set; }

    /// <summary>The data of a WRITE, at <see cref="DataAddress"/>; empty for other requests. Valid until the answer; may be changed.</summary>
    public Span<byte> Payload => Opcode == FuseOpcode.Write ? Data : default;

    /// <summary>Where a READ puts its data, at <see cref="DataAddress"/>, as long as the read; empty for a WRITE. Not zeroed. Valid until the answer.</summary>
    public Span<byte> ReadBuffer => Opcode == FuseOpcode.Write ? default : Data;

    /// <summary>
    /// Address of the data area, page-aligned, <see cref="DataCapacityBytes"/> long, fit for O_DIRECT. For requests other than READ and
    /// WRITE it may hold names and values of the request itself.
    /// </summary>
    public nint DataAddress => (nint)_memory.Data;

    /// <summary>A plan that belongs to this request: empty, and directed as the opcode suggests, when the request arrives.</summary>
    public FuseTransferPlan TransferPlan { get; } = new();

    /// <summary>Takes the entries of a READDIR or READDIRPLUS.</summary>
    public FuseDirectoryWriter Directory { get; }

    /// <summary>
    /// Whether the calling thread carries other requests forward that may have to end before this one can: it must not wait for anything, and
    /// what would is to be done on another thread. <see cref="Move"/> never blocks such a thread.
    /// </summary>
    public bool ThreadMustNotBlock => Channel.ThreadMustNotBlock;

    /// <summary>
    /// Asks that the answer waits for <see cref="FuseFileSystem.Settle"/>, which is called once for many answers, and becomes EIO if that fails. Then the
    /// handler may leave to that what makes the answer true.
    /// </summary>
    /// <returns>False where each answer goes out at once, and must be true by then.</returns>
    public bool TryHold() => Channel.TryHold();

    internal FuseRequestMemory Memory => _memory;

    /// <summary>How many bytes the caller takes, for READ, READDIR and the extended attribute calls.</summary>
    internal int RequestedBytes { get; private set; }

    internal FuseReader Reader => new(new(_arguments, _argumentsLengthBytes), new(_payload, _payloadLengthBytes));

    private Span<byte> Data => new(_memory.Data, _dataLengthBytes);

    /// <summary>
    /// Moves data between the request's data area and files, by whatever means the transport has, and then calls the completion,
    /// in which the request is answered. May be called several times, one after the other.
    /// </summary>
    /// <param name="plan">What to move. A short file reads as zeros past its end; a short transfer is continued.</param>
    /// <param name="completion">Called exactly once, inline or later on another thread.</param>
    public void Move(FuseTransferPlan plan, IFuseMoveCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(completion);
        Channel.Move(this, plan, completion);
    }

    /// <summary>Sets up the data area of a READ, READDIR or the like.</summary>
    internal void ExpectData(int requestedBytes, int bufferBytes)
    {
        Debug.Assert(bufferBytes is >= 0 and <= DataCapacityBytes, "The data area bounds every buffer handed out.");
        RequestedBytes = requestedBytes;
        _dataLengthBytes = bufferBytes;
    }

    /// <summary>Makes this object stand for a request that has been received into its memory.</summary>
    internal void Begin(IFuseChannel channel, in InHeader header, byte* arguments, int argumentsLengthBytes, byte* payload, int payloadLengthBytes)
    {
        _header = header;
        _arguments = arguments;
        _argumentsLengthBytes = argumentsLengthBytes;
        _payload = payload;
        _payloadLengthBytes = payloadLengthBytes;
        ExpectData(0, 0);
        TransferPlan.Reset(header.Opcode == FuseOpcode.Write ? FuseTransferDirection.ToFiles : FuseTransferDirection.FromFiles);
        BeginLife(channel);
    }
}
