using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>
/// stdin or stdout as bytes, in order and at the place that is shared with other processes. The runtime's own streams keep a broken pipe to themselves,
/// and read and write files at places of their own.
/// </summary>
/// <remarks>
/// A pipe is waited for together with the token, and then only as much is written as it takes at once: the descriptor is shared with other processes, which
/// would see it made non-blocking.
/// </remarks>
/// <param name="descriptor">0 or 1; not closed.</param>
/// <param name="cancel">Ends a read or a write that waits, at once.</param>
internal sealed partial class DescriptorStream(int descriptor, CancellationToken cancel) : Stream
{
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int NoWait = 8;
    private const int FromCurrent = 1;

    /// <summary>What a pipe that polls writable takes without waiting, on kernels that know no other way to say so.</summary>
    private const int PipeAtomicBytes = 4096;

    private readonly WakeEvent _cancelled = new(cancel);
    private readonly bool _isFile = Seek(descriptor, 0, FromCurrent) >= 0;
    private bool _hasNoWait = true;

    /// <inheritdoc/>
    public override bool CanRead => descriptor == 0;

    /// <inheritdoc/>
    public override bool CanWrite => descriptor != 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                WaitFor(PollIn);
                nint done = Read(descriptor, start, (nuint)buffer.Length);
                if (done >= 0)
                {
                    return (int)done;
                }

                ThrowUnlessTransient();
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            for (int written = 0; written < buffer.Length;)
            {
                nint done = WriteSome(start + written, buffer.Length - written);
                if (done < 0)
                {
                    ThrowUnlessTransient();
                }

                written += (int)Math.Max(0, done);
            }
        }
    }

    /// <summary>Writes what can be written without waiting for a reader; waits before that until it is something.</summary>
    private unsafe nint WriteSome(byte* start, int count)
    {
        if (_isFile)
        {
            cancel.ThrowIfCancellationRequested();
            return Write(descriptor, start, (nuint)count);
        }

        WaitFor(PollOut);
        if (_hasNoWait)
        {
            Vector vector = new() { Start = (nint)start, Length = (nuint)count };
            nint done = WriteVector(descriptor, ref vector, 1, -1, NoWait);
            if (done >= 0 || Marshal.GetLastPInvokeError() != Posix.EOPNOTSUPP)
            {
                return done;
            }

            _hasNoWait = false;
        }

        return Write(descriptor, start, (nuint)Math.Min(count, PipeAtomicBytes));
    }

    private void WaitFor(short events)
    {
        Span<PollDescriptor> polled = [new() { Descriptor = descriptor, Events = events }, new() { Descriptor = _cancelled.Descriptor, Events = PollIn }];
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (Poll(ref polled[0], polled.Length, -1) < 0)
            {
                ThrowUnlessTransient();
            }
            else if (polled[0].Returned != 0)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _cancelled.Dispose();
        base.Dispose(disposing);
    }

    private static void ThrowUnlessTransient()
    {
        int errno = Marshal.GetLastPInvokeError();
        if (errno is not (Posix.EINTR or Posix.EAGAIN))
        {
            throw new IOException(new Win32Exception(errno).Message);
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "lseek64")]
    private static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "pwritev64v2", SetLastError = true)]
    private static partial nint WriteVector(int descriptor, ref Vector vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public nint Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
