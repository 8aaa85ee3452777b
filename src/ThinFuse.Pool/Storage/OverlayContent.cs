namespace ThinFuse.Pool.Storage;

/// <summary>The bytes of one overlaid file: pages in memory over a file below. Thread-safe.</summary>
internal sealed class OverlayContent
{
    private const int PageBytes = 4096;

    private readonly IStorageFile? _below;
    private readonly Dictionary<long, byte[]> _pages = [];
    private readonly Lock _lock = new();

    /// <summary>Bytes of the file below that still show through; a cut shortens it for good, so that growing again reads as zero.</summary>
    private long _belowLengthBytes;
    private long _lengthBytes;

    internal OverlayContent(IStorageFile? below)
    {
        _below = below;
        _belowLengthBytes = below?.LengthBytes ?? 0;
        _lengthBytes = _belowLengthBytes;
    }

    internal long ModifiedAtTicks => _below?.ModifiedAtTicks ?? 0;

    internal bool IsBlockDevice => _below?.IsBlockDevice ?? false;

    internal long LengthBytes
    {
        get
        {
            lock (_lock)
            {
                return _lengthBytes;
            }
        }
    }

    internal void Read(long offsetBytes, Span<byte> buffer)
    {
        lock (_lock)
        {
            buffer.Clear();
            int readable = (int)Math.Clamp(_lengthBytes - offsetBytes, 0, buffer.Length);
            for (int done = 0; done < readable;)
            {
                int count = CountInPage(offsetBytes + done, readable - done, out long page, out int offsetInPage);
                if (_pages.TryGetValue(page, out byte[]? bytes))
                {
                    bytes.AsSpan(offsetInPage, count).CopyTo(buffer[done..]);
                }
                else
                {
                    ReadBelow(offsetBytes + done, buffer.Slice(done, count));
                }
                done += count;
            }
        }
    }

    /// <summary>False, and nothing written, past the end of a block device.</summary>
    internal bool TryWrite(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        lock (_lock)
        {
            if (IsBlockDevice && offsetBytes + buffer.Length > _lengthBytes)
            {
                return false;
            }
            for (int done = 0; done < buffer.Length;)
            {
                int count = CountInPage(offsetBytes + done, buffer.Length - done, out long page, out int offsetInPage);
                buffer.Slice(done, count).CopyTo(OwnPage(page).AsSpan(offsetInPage));
                done += count;
            }
            _lengthBytes = Math.Max(_lengthBytes, offsetBytes + buffer.Length);
            return true;
        }
    }

    internal void Grow(long lengthBytes)
    {
        lock (_lock)
        {
            _lengthBytes = Math.Max(_lengthBytes, lengthBytes);
        }
    }

    internal void SetLength(long lengthBytes)
    {
        lock (_lock)
        {
            if (lengthBytes < _lengthBytes)
            {
                _belowLengthBytes = Math.Min(_belowLengthBytes, lengthBytes);
                foreach (long page in _pages.Keys.Where(page => (page + 1) * PageBytes > lengthBytes).ToList())
                {
                    int kept = (int)Math.Max(0, lengthBytes - page * PageBytes);
                    _pages[page].AsSpan(kept).Clear();
                }
            }
            _lengthBytes = lengthBytes;
        }
    }

    internal void Zero(long offsetBytes, long lengthBytes)
    {
        lock (_lock)
        {
            long end = Math.Min(offsetBytes + lengthBytes, _lengthBytes);
            for (long offset = offsetBytes; offset < end;)
            {
                int count = CountInPage(offset, end - offset, out long page, out int offsetInPage);
                OwnPage(page).AsSpan(offsetInPage, count).Clear();
                offset += count;
            }
        }
    }

    private static int CountInPage(long offsetBytes, long lengthBytes, out long page, out int offsetInPage)
    {
        (page, long inPage) = Math.DivRem(offsetBytes, PageBytes);
        offsetInPage = (int)inPage;
        return (int)Math.Min(lengthBytes, PageBytes - offsetInPage);
    }

    private byte[] OwnPage(long page)
    {
        if (!_pages.TryGetValue(page, out byte[]? bytes))
        {
            bytes = new byte[PageBytes];
            ReadBelow(page * PageBytes, bytes);
            _pages[page] = bytes;
        }
        return bytes;
    }

    private void ReadBelow(long offsetBytes, Span<byte> buffer)
    {
        int readable = (int)Math.Clamp(_belowLengthBytes - offsetBytes, 0, buffer.Length);
        if (readable > 0)
        {
            _below!.Read(offsetBytes, buffer[..readable]);
        }
        buffer[readable..].Clear();
    }
}
