namespace ThinFuse.Fuse.Transport.Rings.Wire;

/// <summary>The operations (IORING_OP_*) that are used.</summary>
internal enum SubmissionOpcode : byte
{
    PollAdd = 6,
    Read = 22,
    Write = 23,
    Command = 46,
}
