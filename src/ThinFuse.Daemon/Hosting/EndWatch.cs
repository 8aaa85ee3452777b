namespace ThinFuse.Daemon.Hosting;

/// <summary>Waits for the end of a daemon, but not for ever for a disk that does not answer.</summary>
internal static class EndWatch
{
    /// <summary>How long an end that was asked for may take before it is asked what it waits for; with the answer below 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Blocks until the daemon has ended, or has been asked to and cannot.</summary>
    /// <param name="life">Ends when the daemon has.</param>
    /// <param name="findObstacle">What keeps it from ending; null for nothing but work. Takes a moment at most.</param>
    /// <param name="asked">Cancelled when it is to end.</param>
    /// <returns>What keeps it from ending; null when it has ended.</returns>
    public static string? Wait(Task life, Func<string?> findObstacle, CancellationToken asked)
    {
        try
        {
            Task.WaitAny([life], asked);
            return null;
        }
        catch (OperationCanceledException)
        {
            for (TimeSpan pause = Patience; Task.WaitAny([life], pause) < 0; pause = Pause)
            {
                if (findObstacle() is { } obstacle)
                {
                    return obstacle;
                }
            }

            return null;
        }
    }
}
