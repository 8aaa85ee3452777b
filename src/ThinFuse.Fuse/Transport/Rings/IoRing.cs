using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Rings.Wire;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Rings;

/// <summary>One io_uring and the memory it shares with the kernel. Made by any thread, used by the one that enables it.</summary>
internal sealed unsafe class IoRing : IDisposable
{
    private const nint QueuesAt = 0;
    private const nint EntriesAt = 0x1000_0000;

    private readonly SafeFileHandle _ring;
    private readonly int _descriptor;
    private readonly SharedMemory _queues;
    private readonly SharedMemory _submissions;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly CompletionEntry* _completions;
    private readonly uint _submissionCount;
    private readonly uint _completionMask;

    /// <summary>Written by this side: what has been filled in.</summary>
    private uint _filled;

    /// <summary>What the kernel has been told of.</summary>
    private uint _submitted;

    /// <summary>Makes a ring.</summary>
    /// <param name="submissionCount">Submissions that are collected before the kernel takes them: a power of two.</param>
    /// <param name="completionCount">Most completions that may wait: a power of two. There are never more operations under way.</param>
    /// <exception cref="FuseException">io_uring_setup was refused; the errno tells why.</exception>
    public IoRing(uint submissionCount, uint completionCount)
    {
        RingParameters parameters = new()
        {
            Flags = RingParameters.CompletionCountGiven | RingParameters.StartDisabled | RingParameters.SubmitAll
                | RingParameters.LongSubmissions | RingParameters.SingleIssuer | RingParameters.DeferTaskRun | RingParameters.NoIndexArray,
            CompletionCount = completionCount,
        };
        _descriptor = Libc.RingSetup(submissionCount, &parameters);
        _ring = _descriptor >= 0 ? new SafeFileHandle(_descriptor, ownsHandle: true) : throw Refused("io_uring_setup");
        try
        {
            _queues = new SharedMemory(
                parameters.Completion.DroppedOrEntries + ((nuint)parameters.CompletionCount * (nuint)sizeof(CompletionEntry)), _descriptor, QueuesAt);
            _submissions = new SharedMemory((nuint)parameters.SubmissionCount * SubmissionEntry.SizeBytes, _descriptor, EntriesAt);
        }
        catch
        {
            Dispose();
            throw;
        }

        byte* queues = _queues.Start;
        _submissionHead = (uint*)(queues + parameters.Submission.Head);
        _submissionTail = (uint*)(queues + parameters.Submission.Tail);
        _completionHead = (uint*)(queues + parameters.Completion.Head);
        _completionTail = (uint*)(queues + parameters.Completion.Tail);
        _completions = (CompletionEntry*)(queues + parameters.Completion.DroppedOrEntries);
        _submissionCount = parameters.SubmissionCount;
        _completionMask = parameters.CompletionCount - 1;
    }

    /// <summary>How many submissions the kernel has not been told of.</summary>
    public uint UnsubmittedCount => _filled - _submitted;

    /// <summary>Whether <see cref="Add"/> has to give the kernel what there is first.</summary>
    public bool IsFull => _filled - Volatile.Read(ref *_submissionHead) == _submissionCount;

    /// <summary>Makes the calling thread the only one that may use the ring.</summary>
    public void Enable()
    {
        if (Libc.RingRegister(_descriptor, Libc.RegisterEnableRings, null, 0) < 0)
        {
            throw Refused("io_uring_register(ENABLE_RINGS)");
        }
    }

    /// <summary>Registers a file as number 0, which spares the kernel a look-up per operation.</summary>
    public void RegisterFile(SafeFileHandle file)
    {
        int descriptor = (int)file.DangerousGetHandle();
        if (Libc.RingRegister(_descriptor, Libc.RegisterFiles, &descriptor, 1) < 0)
        {
            throw Refused("io_uring_register(FILES)");
        }
    }

    /// <summary>
    /// How many operations may wait at once on threads of the kernel, because their file does not do them otherwise. As many as there may be under way, so that
    /// those of a file that hangs hold up no others.
    /// </summary>
    public void AllowWaiting(uint count)
    {
        // Of bounded and of unbounded work; 0 leaves the latter as it is.
        uint* most = stackalloc uint[] { count, 0 };
        if (Libc.RingRegister(_descriptor, Libc.RegisterMostWorkers, most, 2) < 0)
        {
            throw Refused("io_uring_register(IOWQ_MAX_WORKERS)");
        }
    }

    /// <summary>The next submission, zeroed, to be filled in at once. When there is no room, the kernel is given what there is.</summary>
    public SubmissionEntry* Add()
    {
        while (IsFull)
        {
            // The kernel is short of memory: nothing else can be done before it has some.
            if (Enter(waitCount: 0) != 0)
            {
                Thread.Yield();
            }
        }

        SubmissionEntry* entry = (SubmissionEntry*)_submissions.Start + (_filled & (_submissionCount - 1));
        *entry = default;
        _filled++;
        return entry;
    }

    /// <summary>Submits everything, and waits until there are so many completions; with 0, takes those that there are.</summary>
    /// <returns>0, or EAGAIN or EINTR: not all is submitted, or not all has been waited for.</returns>
    /// <exception cref="FuseException">The ring is broken.</exception>
    public int Enter(uint waitCount)
    {
        Volatile.Write(ref *_submissionTail, _filled);
        int taken = Libc.RingEnter(_descriptor, UnsubmittedCount, waitCount, Libc.EnterGetEvents);
        int errno = taken < 0 ? Marshal.GetLastPInvokeError() : 0;
        _submitted = Volatile.Read(ref *_submissionHead);
        return errno is 0 or FuseErrno.EAGAIN or FuseErrno.EBUSY or FuseErrno.EINTR
            ? errno
            : throw new FuseException(errno, $"io_uring_enter: {FuseErrno.Describe(errno)}");
    }

    /// <summary>Takes the oldest completion, if there is one.</summary>
    public bool TryTake(out CompletionEntry completion)
    {
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & _completionMask];
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    /// <summary>Closes the ring. The kernel cancels what is under way; buffers of reads and writes must not be freed while there are any.</summary>
    public void Dispose()
    {
        _ring.Dispose();
        _submissions?.Dispose();
        _queues?.Dispose();
    }

    private static FuseException Refused(string call)
    {
        int errno = Marshal.GetLastPInvokeError();
        return new FuseException(errno, $"{call}: {FuseErrno.Describe(errno)}");
    }
}
