using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>An open node: a file or block device that holds extents after a label. Thread-safe.</summary>
public sealed partial class Node : DataFile, IDisposable
{
    /// <summary>Where extents begin, bytes: room for the label, and aligned for any device.</summary>
    public const long DataStartBytes = 1 << 20;

    private const int Clean = 0;
    private const int Tried = 1;
    private const int Written = 2;

    private readonly IStorageFile _file;
    private readonly int _chunkShift;
    private int _dirty;

    internal Node(NodeRecord record, IStorageFile file, int chunkShift)
    {
        Record = record;
        _file = file;
        _chunkShift = chunkShift;
        Probe = new NodeProbe(this);
    }

    /// <summary>The record it was opened by; replaced when the node grows.</summary>
    public NodeRecord Record { get; internal set; }

    /// <summary>Such as n-0.</summary>
    public string Id => $"n-{Record.Index}";

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override int Descriptor => HasFailed ? -1 : _file.Descriptor;

    /// <inheritdoc/>
    public override int AlignmentBytes => _file.AlignmentBytes;

    /// <inheritdoc/>
    public override bool IsRemote => _file.IsRemote;

    /// <summary>Whether it is a block device.</summary>
    public bool IsBlockDevice => _file.IsBlockDevice;

    internal IStorageFile File => _file;

    /// <summary>Asks it how it is, also when it does not answer.</summary>
    internal NodeProbe Probe { get; }

    /// <summary>Who is told of I/O that fails.</summary>
    internal NodeFaults Faults { get; set; } = new();

    /// <summary>Offset of a slot on the node, bytes.</summary>
    public long OffsetOf(long slot) => DataStartBytes + (slot << _chunkShift);

    /// <summary>Fills the buffer; aligned. A node that ends inside of the range was cut off: that is EIO, not zeros.</summary>
    public override void Read(long offsetBytes, Span<byte> buffer)
    {
        if (HasFailed)
        {
            throw Gone("read");
        }

        try
        {
            _file.ReadInside(offsetBytes, buffer);
        }
        catch (StorageException e)
        {
            NoteFault("read", e.ErrorNumber);
            _ = Answers();
            throw;
        }
    }

    /// <summary>
    /// Writes; aligned. The node is dirty when this returns, and when it throws: a part may be written, readers see it, and what was seen before a flush is
    /// there after it.
    /// </summary>
    public void Write(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        if (HasFailed)
        {
            StorageException gone = Gone("write");
            (gone.IsBadPlace, gone.BadExtent) = (true, ExtentOf(offsetBytes, buffer.Length));
            throw gone;
        }

        try
        {
            _file.Write(offsetBytes, buffer);
        }
        catch (StorageException e)
        {
            NoteFault("write", e.ErrorNumber);
            e.IsBadPlace = e.IsMediumError || Errno.IsGone(e.ErrorNumber);
            e.BadExtent = e.IsBadPlace ? ExtentOf(offsetBytes, buffer.Length) : -1;
            NoteWritten(e.ErrorNumber);
            throw;
        }

        MarkDirty();
    }

    /// <summary>
    /// Writes, once more where the disk refused it: an extent that is named as bad then has failed twice, so that no error which does not come again costs one.
    /// For copies; a user's write that failed is moved again by its operation, extent by extent.
    /// </summary>
    public void WriteTwice(long offsetBytes, ReadOnlySpan<byte> buffer)
    {
        try
        {
            Write(offsetBytes, buffer);
            return;
        }
        catch (StorageException e) when (e.BadExtent >= 0)
        {
            // Told of as a fault of the node already.
        }

        Write(offsetBytes, buffer);
    }

    /// <summary>Says that data was written outside <see cref="Write"/>, or that it was tried. Call before the write is answered.</summary>
    /// <param name="errno">Positive Linux errno of a write that failed, of which a part may be on the node all the same; 0 for success.</param>
    public void NoteWritten(int errno)
    {
        if (errno == 0)
        {
            MarkDirty();
        }
        else
        {
            Interlocked.CompareExchange(ref _dirty, Tried, Clean);
        }
    }

    /// <summary>Has the next flush reach the node.</summary>
    public void MarkDirty() => Volatile.Write(ref _dirty, Written);

    /// <summary>Makes all finished writes survive power loss; nothing to do when there were none.</summary>
    public void Flush()
    {
        // Cleared first: a write that finishes during the flush marks the node dirty again.
        int found = Interlocked.Exchange(ref _dirty, Clean);

        // A node that failed when all that was acknowledged on it was synced has nothing more to sync, and nothing on it is seen any more.
        // Otherwise this fails, as it must.
        if (found == Clean || (found == Tried && HasFailed))
        {
            return;
        }

        try
        {
            _file.Flush();
        }
        catch (StorageException e)
        {
            NoteFault("flush", e.ErrorNumber);
            throw;
        }
    }

    /// <summary>The extent that a range is part of; -1 when it is not part of one.</summary>
    private long ExtentOf(long offsetBytes, int lengthBytes)
    {
        long first = (offsetBytes - DataStartBytes) >> _chunkShift;
        return offsetBytes >= DataStartBytes && (offsetBytes + lengthBytes - 1 - DataStartBytes) >> _chunkShift == first
            ? ExtentAddress.Make(Record.Index, first)
            : -1;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
