using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ThinFuse.Cli.Native;

/// <summary>
/// stdin or stdout as bytes, in order and at the place that is shared with other processes. The runtime's own streams keep a broken pipe to themselves,
/// and read and write files at places of their own.
/// </summary>
/// <param name="descriptor">0 or 1; not closed.</param>
/// <param name="cancel">Ends a read that waits.</param>
internal sealed partial class DescriptorStream(int descriptor, CancellationToken cancel) : Stream
{
    private const short PollIn = 1;

    /// <summary>A signal does not end a poll in this thread, so that it looks by itself whether it shall end.</summary>
    private const int LookMs = 200;

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
                cancel.ThrowIfCancellationRequested();
                PollDescriptor poll = new() { Descriptor = descriptor, Events = PollIn };
                nint done = Poll(ref poll, 1, LookMs) > 0 ? Read(descriptor, start, (nuint)buffer.Length) : -1;
                if (done >= 0)
                {
                    return (int)done;
                }

                if (poll.Returned != 0)
                {
                    ThrowUnlessInterrupted();
                }
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
                cancel.ThrowIfCancellationRequested();
                nint done = Write(descriptor, start + written, (nuint)(buffer.Length - written));
                if (done < 0)
                {
                    ThrowUnlessInterrupted();
                }

                written += (int)Math.Max(0, done);
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

    private static void ThrowUnlessInterrupted()
    {
        int errno = Marshal.GetLastPInvokeError();
        if (errno != Posix.EINTR)
        {
            throw new IOException(new Win32Exception(errno).Message);
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
