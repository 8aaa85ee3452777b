using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>struct io_uring_params.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingParameters
{
    /// <summary>IORING_SETUP_CQSIZE: the number of completions is given.</summary>
    public const uint CompletionCountGiven = 1 << 3;

    /// <summary>IORING_SETUP_R_DISABLED: nothing is submitted before the ring is enabled, by the thread that owns it from then on.</summary>
    public const uint StartDisabled = 1 << 6;

    /// <summary>IORING_SETUP_SUBMIT_ALL: a submission that fails completes with its error, and the ones after it are submitted.</summary>
    public const uint SubmitAll = 1 << 7;

    /// <summary>IORING_SETUP_SQE128: FUSE needs the long form.</summary>
    public const uint LongSubmissions = 1 << 10;

    /// <summary>IORING_SETUP_SINGLE_ISSUER: one thread submits.</summary>
    public const uint SingleIssuer = 1 << 12;

    /// <summary>IORING_SETUP_DEFER_TASKRUN: completions are worked on when that thread waits, and interrupt it never.</summary>
    public const uint DeferTaskRun = 1 << 13;

    /// <summary>IORING_SETUP_NO_SQARRAY: submissions are taken in the order of the array that holds them.</summary>
    public const uint NoIndexArray = 1 << 16;

    public uint SubmissionCount;
    public uint CompletionCount;
    public uint Flags;
    public uint PollThreadCpu;
    public uint PollThreadIdle;
    public uint Features;
    public uint WorkQueue;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public RingOffsets Submission;
    public RingOffsets Completion;
}
