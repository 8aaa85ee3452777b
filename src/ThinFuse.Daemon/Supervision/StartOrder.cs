namespace ThinFuse.Daemon.Supervision;

/// <summary>What a server is told when it starts.</summary>
/// <param name="Restarts">How many servers of this mount there were before it.</param>
/// <param name="Cause">Why it is started.</param>
/// <param name="PauseBeganAt">When requests were last served, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>; 0 for the first.</param>
/// <param name="Kept">The <see cref="KeptMount"/> as the first server gave it; null or empty for the first.</param>
internal sealed record StartOrder(int Restarts, RestartCause Cause, long PauseBeganAt, byte[]? Kept);
