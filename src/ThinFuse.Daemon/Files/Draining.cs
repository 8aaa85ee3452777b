namespace ThinFuse.Daemon.Files;

/// <summary>Waits for what is in use to be given back, before a mount ends.</summary>
internal static class Draining
{
    /// <summary>Waits until nothing is in use; false when something still is when the time is up.</summary>
    /// <param name="monitor">Guards the count; whoever takes it to 0 pulses all. It is let go of during the wait.</param>
    /// <param name="count">How many are in use; called with the monitor held.</param>
    /// <param name="timeout">How long to wait at most.</param>
    public static bool WaitUntilNone(object monitor, Func<int> count, TimeSpan timeout)
    {
        long deadlineMs = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (monitor)
        {
            while (count() > 0)
            {
                long leftMs = deadlineMs - Environment.TickCount64;
                if (leftMs <= 0 || !Monitor.Wait(monitor, TimeSpan.FromMilliseconds(leftMs)))
                {
                    return count() == 0;
                }
            }
        }

        return true;
    }
}
