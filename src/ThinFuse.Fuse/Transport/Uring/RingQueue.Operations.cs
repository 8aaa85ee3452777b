using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Rings.Wire;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>What the queue's thread submits, and what it makes of completions.</summary>
internal sealed unsafe partial class RingQueue
{
    private const int Canceled = 125;

    /// <summary>The next submission. A ring that is full goes to the kernel for it, answers and all.</summary>
    private SubmissionEntry* Add()
    {
        if (_ring.IsFull)
        {
            Settle();
        }

        return _ring.Add();
    }

    /// <summary>Comes before the kernel gets to see answers: one call makes all of them true, or those that depend on it become errors.</summary>
    private void Settle()
    {
        if (_unsettledCount == 0)
        {
            return;
        }

        bool isSettled = Dispatcher.TrySettle();
        for (int i = 0; i < _unsettledCount && !isSettled; i++)
        {
            _unsettled[i].RefuseHeld();
        }

        _unsettledCount = 0;
    }

    private void AddBell()
    {
        SubmissionEntry* submission = Add();
        submission->Opcode = SubmissionOpcode.PollAdd;
        submission->File = _mailbox.BellDescriptor;
        submission->Length = SubmissionEntry.PollMany;
        submission->PollEvents = (uint)Libc.PollIn;
        submission->Tag = new RingTag(RingTagKind.Wake, 0).ToWire();
    }

    /// <summary>Has an entry fetch, with the answer to what it fetched before, if it did.</summary>
    private void AddCommand(RingEntry entry)
    {
        _fetchingCount++;
        SubmissionEntry* submission = Add();
        submission->Opcode = SubmissionOpcode.Command;
        submission->Flags = SubmissionEntry.FixedFile;
        submission->File = DeviceFile;
        submission->QueueIndex = (ushort)_index;
        submission->Tag = new RingTag(RingTagKind.Command, entry.Index).ToWire();
        if (entry.CommitId == 0)
        {
            submission->Command = RingCommand.Register;
            submission->Address = (ulong)entry.Memory.Vectors;
            submission->Length = 2;
        }
        else
        {
            submission->Command = RingCommand.CommitAndFetch;
            submission->CommitId = entry.CommitId;
            _large.Note(entry.Memory.Header->PayloadLength);
            _unsettled[_unsettledCount++] = entry;
        }
    }

    private void CommitPosted()
    {
        RingEntry? entry = _mailbox.TakeAll();
        while (entry != null)
        {
            RingEntry? next = entry.NextPosted;
            entry.NextPosted = null;
            AddCommand(entry);
            entry = next;
        }
    }

    private void Handle()
    {
        while (_ring.TryTake(out CompletionEntry completion))
        {
            RingTag tag = RingTag.Parse(completion.Tag);
            switch (tag.Kind)
            {
                case RingTagKind.Command:
                    _fetchingCount--;
                    Fetched(_entries[tag.Entry], completion.Result);
                    break;
                case RingTagKind.Transfer:
                    _transferCount--;
                    _entries[tag.Entry].Transfer.Completed(tag.Slot, completion.Result);
                    break;
                case RingTagKind.Wake when (completion.Flags & CompletionEntry.More) == 0:
                    AddBell();
                    break;
            }
        }
    }

    private void Fetched(RingEntry entry, int result)
    {
        switch (-result)
        {
            case <= 0:
                _large.Note(entry.Memory.Header->PayloadLength);
                entry.Receive();
                break;
            case FuseErrno.EINTR or FuseErrno.EAGAIN:
                AddCommand(entry);
                break;
            case FuseErrno.ENOTCONN or FuseErrno.ECONNABORTED or FuseErrno.ENODEV or Canceled:
                _liveCount--;
                Volatile.Write(ref _isOver, true);
                break;
            default:
                // The kernel has dropped the entry, and the request, if there was one.
                _liveCount--;
                _failure = -result;
                FuseLog.EntryRefused(_logger, _index, entry.Request.Unique, _failure);
                break;
        }
    }
}
