using ThinFuse.Fuse.Mounting;

namespace ThinFuse.Fuse.Serving;

/// <summary>How a session serves.</summary>
public sealed record FuseSessionOptions
{
    /// <summary>How requests travel. <see cref="FuseTransportKind.Device"/> by default; the only one for anything that is not /dev/fuse.</summary>
    public FuseTransportKind Transport { get; init; }

    /// <summary>
    /// How many threads handle requests that may block: 1 to 256. 16 by default. Over io_uring, READ and WRITE have threads besides, one per CPU.
    /// </summary>
    public int ThreadCount { get; init; } = 16;

    /// <summary>
    /// How many of them the moves of one file, such as one slow disk, may hold at a time; the others stay for everything else. 0, the default, for all.
    /// With rings moves hold no threads.
    /// </summary>
    public int ThreadsPerFile { get; init; }

    /// <summary>
    /// Whether a few threads with rings (io_uring) read the device, move data and answer, where the kernel has what that needs; then READ and WRITE come on a
    /// thread that must not block, as over io_uring. On by default. Off, or where rings cannot be had, every request has a thread that may block.
    /// </summary>
    public bool UsesRings { get; init; } = true;

    /// <summary>Whether each thread gets a descriptor of its own, cloned from the device; off for anything that is not /dev/fuse.</summary>
    public bool CloneDevice { get; init; } = true;

    /// <summary>How many background requests (read-ahead, asynchronous direct I/O) the kernel may have under way: 1 to 65535. 256 by default.</summary>
    public int MaxBackground { get; init; } = 256;

    /// <summary>
    /// Called once, when INIT is answered and before any request is served, where the connection can be kept for a successor of this process: requests come
    /// through the device, and the kernel can send them again. The callee may pass duplicates of the descriptors to another process. What it throws ends
    /// the session.
    /// </summary>
    public Action<FuseConnection>? OnConnected { get; init; }

    /// <summary>How long to wait for the kernel's INIT. 10 s by default.</summary>
    public TimeSpan InitTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
