namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>
/// The bytes of a file as pages that are copied on write. Copying a content shares its pages; a page is changed in place only by the
/// content that made it. A page that is there is allocated, even if it is zero.
/// </summary>
internal sealed class PagedContent
{
    internal const int PageBytes = 4096;
    internal const int SectorBytes = 512;

    private readonly Dictionary<long, Page> _pages;
    private ulong _fingerprint;

    internal PagedContent() => _pages = [];

    private PagedContent(PagedContent other)
    {
        _pages = new Dictionary<long, Page>(other._pages);
        LengthBytes = other.LengthBytes;
        _fingerprint = other._fingerprint;
    }

    internal long LengthBytes { get; private set; }

    internal int PageCount => _pages.Count;

    /// <summary>Whether several states refer to this object; then it must be copied before it is changed. Never taken back.</summary>
    internal bool IsShared { get; private set; }

    /// <summary>A hash of length, allocation and bytes.</summary>
    internal ulong Fingerprint
    {
        get
        {
            if (_fingerprint == 0)
            {
                ulong sum = (ulong)LengthBytes;
                foreach ((long number, Page page) in _pages)
                {
                    sum += ContentHash.Mix((ulong)number, page.Fingerprint);
                }
                _fingerprint = sum;
            }
            return _fingerprint;
        }
    }

    internal PagedContent Share()
    {
        IsShared = true;
        return this;
    }

    /// <summary>This object when it may be changed, else a copy that may.</summary>
    internal PagedContent ToChangeable() => IsShared ? new PagedContent(this) : this;

    internal void Read(long offsetBytes, Span<byte> buffer)
    {
        buffer.Clear();
        long readableBytes = Math.Clamp(LengthBytes - offsetBytes, 0, buffer.Length);
        foreach ((long page, int inPage, int done, int count) in Pieces(offsetBytes, readableBytes))
        {
            if (_pages.TryGetValue(page, out Page? found))
            {
                found.Bytes.AsSpan(inPage, count).CopyTo(buffer[done..]);
            }
        }
    }

    /// <summary>Applies a write, allocation, punch or change of length.</summary>
    internal void Apply(SimulatedIo io)
    {
        _fingerprint = 0;
        switch (io.Kind)
        {
            case SimulatedIoKind.Write:
                foreach ((long page, int inPage, int done, int count) in Pieces(io.OffsetBytes, io.Data.Length))
                {
                    io.Data.AsSpan(done, count).CopyTo(Own(page).AsSpan(inPage));
                }
                LengthBytes = Math.Max(LengthBytes, io.OffsetBytes + io.Data.Length);
                break;
            case SimulatedIoKind.Allocate:
                foreach ((long page, _, _, _) in Pieces(io.OffsetBytes, io.LengthBytes))
                {
                    _pages.TryAdd(page, Page.Zero);
                }
                LengthBytes = Math.Max(LengthBytes, io.OffsetBytes + io.LengthBytes);
                break;
            case SimulatedIoKind.Punch:
                Zero(io.OffsetBytes, Math.Min(io.OffsetBytes + io.LengthBytes, LengthBytes));
                break;
            case SimulatedIoKind.SetLength:
                Cut(io.LengthBytes);
                break;
            default:
                throw new InvalidOperationException($"{io} does not change a file's content");
        }
    }

    /// <summary>Makes one sector read as it does in <paramref name="other"/>. Leaves the length alone.</summary>
    internal void CopySector(PagedContent other, long sector)
    {
        _fingerprint = 0;
        long page = sector * SectorBytes / PageBytes;
        int inPage = (int)(sector * SectorBytes % PageBytes);
        if (other._pages.TryGetValue(page, out Page? source))
        {
            source.Bytes.AsSpan(inPage, SectorBytes).CopyTo(Own(page).AsSpan(inPage));
        }
        else if (_pages.ContainsKey(page))
        {
            Own(page).AsSpan(inPage, SectorBytes).Clear();
        }
    }

    /// <summary>Sets the length and forgets what lies past it, so that growing again reads as zero.</summary>
    internal void Cut(long lengthBytes)
    {
        _fingerprint = 0;
        Zero(lengthBytes, long.MaxValue);
        LengthBytes = lengthBytes;
    }

    /// <summary>The first byte at or after an offset that is on a page; the length when there is none.</summary>
    internal long NextData(long offsetBytes)
    {
        while (offsetBytes < LengthBytes && !_pages.ContainsKey(offsetBytes / PageBytes))
        {
            offsetBytes = ((offsetBytes / PageBytes) + 1) * PageBytes;
        }

        return Math.Min(offsetBytes, LengthBytes);
    }

    /// <summary>Pages a write or allocation would add.</summary>
    internal int CountMissingPages(long offsetBytes, long lengthBytes) =>
        Pieces(offsetBytes, lengthBytes).Count(piece => !_pages.ContainsKey(piece.Page));

    /// <summary>
    /// Sectors of a range that can differ between this and <paramref name="other"/>: of a long range only those that have a page.
    /// </summary>
    internal IEnumerable<long> SectorsIn(long offsetBytes, long lengthBytes, PagedContent other)
    {
        const int SectorsPerPage = PageBytes / SectorBytes;
        const long LongRangeBytes = 1 << 20;
        long first = offsetBytes / SectorBytes;
        long last = (Math.Min(offsetBytes + lengthBytes, Math.Max(LengthBytes, other.LengthBytes)) - 1) / SectorBytes;
        if (lengthBytes > LongRangeBytes)
        {
            return _pages.Keys.Union(other._pages.Keys).Order()
                .SelectMany(page => Range(page * SectorsPerPage, (page + 1) * SectorsPerPage - 1))
                .Where(sector => sector >= first && sector <= last);
        }
        return Range(first, last);

        static IEnumerable<long> Range(long first, long last)
        {
            for (long sector = first; sector <= last; sector++)
            {
                yield return sector;
            }
        }
    }

    private static IEnumerable<(long Page, int InPage, int Done, int Count)> Pieces(long offsetBytes, long lengthBytes)
    {
        for (long done = 0; done < lengthBytes;)
        {
            (long page, long inPage) = Math.DivRem(offsetBytes + done, PageBytes);
            int count = (int)Math.Min(lengthBytes - done, PageBytes - inPage);
            yield return (page, (int)inPage, (int)done, count);
            done += count;
        }
    }

    private void Zero(long offsetBytes, long endBytes)
    {
        IEnumerable<long> pages = _pages.Keys.Where(page => (page + 1) * PageBytes > offsetBytes && page * PageBytes < endBytes);
        foreach (long page in pages.ToList())
        {
            int from = (int)Math.Max(0, offsetBytes - page * PageBytes);
            int to = (int)Math.Min(PageBytes, endBytes - page * PageBytes);
            if (from == 0 && to == PageBytes)
            {
                _pages.Remove(page);
            }
            else
            {
                Own(page).AsSpan(from, to - from).Clear();
            }
        }
    }

    private byte[] Own(long number)
    {
        if (!_pages.TryGetValue(number, out Page? page))
        {
            page = new Page(new byte[PageBytes], this);
        }
        else if (page.Owner != this)
        {
            page = new Page([.. page.Bytes], this);
        }
        else
        {
            page.Forget();
            return page.Bytes;
        }
        _pages[number] = page;
        return page.Bytes;
    }

    /// <summary>4 KiB that are changed only by the content that made them, while nobody else refers to that.</summary>
    private sealed class Page(byte[] bytes, PagedContent? owner)
    {
        private ulong _fingerprint;

        internal static Page Zero { get; } = new(new byte[PageBytes], null);

        internal byte[] Bytes => bytes;

        internal PagedContent? Owner => owner;

        internal ulong Fingerprint => _fingerprint != 0 ? _fingerprint : _fingerprint = ContentHash.Of(bytes);

        internal void Forget() => _fingerprint = 0;
    }
}
