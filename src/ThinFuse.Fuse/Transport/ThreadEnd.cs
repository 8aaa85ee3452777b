namespace ThinFuse.Fuse.Transport;

/// <summary>Waiting for threads that have been told to end.</summary>
internal static class ThreadEnd
{
    /// <summary>Whether a thread has ended, or has never begun, at a deadline (<see cref="Environment.TickCount64"/>). Nobody waits for itself.</summary>
    public static bool EndsBy(this Thread thread, long deadlineMs) =>
        !thread.IsAlive || thread == Thread.CurrentThread || thread.Join((int)Math.Max(0, deadlineMs - Environment.TickCount64));
}
