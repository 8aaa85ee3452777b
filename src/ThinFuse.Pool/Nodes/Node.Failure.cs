using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Nodes;

/// <summary>How a node is found to be gone, and what is asked of one that is.</summary>
public sealed partial class Node
{
    private int _hasFailed;

    /// <summary>
    /// Whether it is gone: then it is asked for nothing any more, and everything on it is an I/O error, until it is opened again.
    /// </summary>
    public bool HasFailed => Volatile.Read(ref _hasFailed) != 0;

    /// <inheritdoc/>
    public override void NoteFault(string operation, int errno)
    {
        Faults.Note(Id, Path, operation, errno);
        if (Errno.IsGone(errno))
        {
            Fail(Errno.Describe(errno));
        }
    }

    /// <summary>
    /// Whether the label can be read, and the file has not been cut off, so that an error elsewhere is of a place on the node. If not, it has failed.
    /// </summary>
    internal bool Answers()
    {
        if (HasFailed || !IsWhole())
        {
            return false;
        }

        bool answers = CanReadLabel();
        if (!answers)
        {
            Fail("its label cannot be read");
        }

        return answers;
    }

    /// <summary>Whether the file is as long as it must be. If not, the node has failed: a write further on would make what was cut off read as zeros.</summary>
    internal bool IsWhole()
    {
        if (HasFailed)
        {
            return false;
        }

        long lengthBytes;
        try
        {
            lengthBytes = _file.LengthBytes;
        }
        catch (StorageException e)
        {
            Fail(e.Message);
            return false;
        }

        bool isWhole = lengthBytes >= OffsetOf(Record.ExtentCount);
        if (!isWhole)
        {
            Fail($"it was cut off, and has {lengthBytes} bytes instead of {OffsetOf(Record.ExtentCount)}");
        }

        return isWhole;
    }

    /// <summary>What the host has given and can give; null when the node has failed, or does so now.</summary>
    internal HostSpace? HostOf()
    {
        if (HasFailed)
        {
            return null;
        }

        try
        {
            return _file.Host;
        }
        catch (StorageException e)
        {
            NoteFault("stat", e.ErrorNumber);
            return null;
        }
    }

    private void Fail(string reason)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
        {
            Faults.NoteFailed(this, reason);
        }
    }

    private StorageException Gone(string operation) => new(Errno.EIO, operation, $"{Path} ({Id}, which has failed)");

    /// <summary>Whether the label can be read, and is one. Asks a node that has failed for nothing.</summary>
    internal bool CanReadLabel()
    {
        if (HasFailed)
        {
            return false;
        }

        using AlignedBuffer label = new(NodeLabel.LengthBytes);
        try
        {
            _file.Read(0, label.Span);
            return NodeLabel.IsOne(label.Span);
        }
        catch (StorageException)
        {
            return false;
        }
    }
}
