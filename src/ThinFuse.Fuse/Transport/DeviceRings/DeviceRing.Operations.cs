using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings;
using ThinFuse.Fuse.Transport.Rings.Wire;

namespace ThinFuse.Fuse.Transport.DeviceRings;

/// <summary>What the ring's thread reads and answers, and what it makes of completions.</summary>
internal sealed unsafe partial class DeviceRing
{
    /// <summary>Requests that are read before the thread looks after those that it has.</summary>
    private const int ReadsPerTurn = 16;

    /// <summary>Bytes after which no more requests are read in a turn: the disk begins with the first large write while the next one is copied.</summary>
    private const int BytesPerTurn = 256 << 10;

    /// <summary>
    /// Reads requests and begins them. One that comes alone while this thread has nothing else is done here and now, where that is allowed: a read or write that
    /// is waited for takes less time than one by way of the ring.
    /// </summary>
    /// <returns>Whether there were no more.</returns>
    private bool Receive()
    {
        DeviceRingEntry? last = null;
        bool waits = _transferCount == 0;
        int receivedBytes = 0;
        for (int i = 0; i < ReadsPerTurn && receivedBytes < BytesPerTurn && !_isOver && _transferCount < EnoughTransfers; i++)
        {
            if (_requests.IsLeft)
            {
                _isOver = true;
                break;
            }

            FuseRequest request = _requests.Rent();
            DeviceReader reader = waits ? _waitingReader : _reader;
            DeviceReadOutcome outcome = reader.Read(request, out int lengthBytes);
            if (outcome == DeviceReadOutcome.Received)
            {
                last?.Begin();
                receivedBytes += lengthBytes;
                DeviceRingEntry entry = Entry();
                last = entry.TryReceive(request, lengthBytes, reader, waits ? _waitingWriter : _writer) ? entry : null;
                waits = false;
                continue;
            }

            _requests.Return(request);
            if (outcome == DeviceReadOutcome.Empty)
            {
                if (last == null || !TryDoHere(last))
                {
                    last?.Begin();
                    return true;
                }

                return false;
            }

            _isOver = outcome is DeviceReadOutcome.Over or DeviceReadOutcome.Failed;
            _failure = reader.Failure;
        }

        last?.Begin();
        return false;
    }

    private bool TryDoHere(DeviceRingEntry entry)
    {
        if (_transferCount != 0 || !_leave.TryTake())
        {
            return false;
        }

        // Answers must not wait for this. What it answers itself goes out at once, as on any thread that may block.
        Settle();
        int thread = _ownThread;
        Volatile.Write(ref _ownThread, 0);
        try
        {
            entry.Work();
        }
        finally
        {
            Volatile.Write(ref _ownThread, thread);
            _leave.Return();
        }

        return true;
    }

    private void AddPoll()
    {
        _isPolled = true;
        SubmissionEntry* submission = _ring.Add();
        submission->Opcode = SubmissionOpcode.PollAdd;
        submission->File = (int)_clone.DangerousGetHandle();
        submission->PollEvents = (uint)Libc.PollIn;
        submission->Tag = new RingTag(RingTagKind.Wake, 0).ToWire();
    }

    private void Handle()
    {
        while (_ring.TryTake(out CompletionEntry completion))
        {
            RingTag tag = RingTag.Parse(completion.Tag);
            if (tag.Kind == RingTagKind.Wake)
            {
                _isPolled = false;
            }
            else
            {
                _transferCount--;
                _entries[tag.Entry].Transfer.Completed(tag.Slot, completion.Result);
            }
        }
    }

    /// <summary>Writes the answers that this thread has given, all of them true by then, or errors.</summary>
    private void Settle()
    {
        if (_unwritten.Count == 0)
        {
            return;
        }

        bool isSettled = Dispatcher.TrySettle();
        foreach (DeviceRingEntry entry in _unwritten)
        {
            Free(entry, entry.Write(isSettled));
        }

        _unwritten.Clear();
    }

    private DeviceRingEntry Entry()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out DeviceRingEntry? idle))
            {
                return idle;
            }
        }

        DeviceRingEntry fresh = new(this, _entries.Count);
        _entries.Add(fresh);
        return fresh;
    }

    private void Free(DeviceRingEntry entry, FuseRequest request)
    {
        _requests.Return(request);
        lock (_lock)
        {
            _idle.Push(entry);
        }
    }
}
