namespace ThinFuse.Daemon.Control.Server;

/// <summary>Runs calls of the engine, which block, on threads of their own.</summary>
/// <remarks>
/// Not on the thread pool: a resize waits for the writes under way, and a write that was parked goes on from the thread pool. Were its
/// threads all waiting for that write, nothing would go on.
/// </remarks>
internal static class EngineThread
{
    private const TaskCreationOptions OwnThread = TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach;

    /// <summary>Runs a call that has a result.</summary>
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, OwnThread, TaskScheduler.Default);

    /// <summary>Runs a call without a result.</summary>
    public static Task RunAsync(Action call) =>
        Task.Factory.StartNew(call, CancellationToken.None, OwnThread, TaskScheduler.Default);
}
