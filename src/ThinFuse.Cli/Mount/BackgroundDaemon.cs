using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Supervision;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Privileges;

namespace ThinFuse.Cli.Mount;

/// <summary>Starts this executable again as a daemon and waits until it serves.</summary>
internal static class BackgroundDaemon
{
    private const string Shell = "/bin/sh";

    // The runtime duplicates its standard streams before any of our code runs, so they must be the daemon's own from the start:
    // a caller's `$(thinfuse mount ...)` would otherwise wait for as long as the daemon lives. exec keeps the process id.
    private const string Redirecting = "exec \"$@\" </dev/null >>\"$0\" 2>&1";

    /// <summary>Starts the daemon.</summary>
    /// <returns>What it says; the mount serves.</returns>
    /// <exception cref="CommandFailure">It could not; the kind and words are the daemon's own.</exception>
    public static async Task<ServingReport> StartAsync(DaemonSettings settings, CancellationToken cancel)
    {
        // Before the pipe is made: a lock or a pipe of the caller's shell must not live as long as the daemon.
        Posix.CloseDescriptorsOnExec();
        DaemonLog.Create(settings.PoolDirectory);
        using AnonymousPipeServerStream pipe = new(PipeDirection.In, HandleInheritability.Inheritable);
        using Process child = Start(pipe.GetClientHandleAsString(), settings);
        pipe.DisposeLocalCopyOfClientHandle();
        using StreamReader reader = new(pipe);
        string? line;
        try
        {
            line = await reader.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Posix.Terminate(child.Id);
            throw;
        }

        if (line is null)
        {
            throw await SilentDeathAsync(child, settings, cancel).ConfigureAwait(false);
        }

        return ReportIn(line, settings) ?? throw Refusal(line, settings);
    }

    /// <summary>What a line of the daemon says of a mount that serves; null when it says why it does not.</summary>
    /// <exception cref="CommandFailure">The line is torn.</exception>
    public static ServingReport? ReportIn(string line, DaemonSettings settings)
    {
        if (!line.StartsWith(ReadyPipe.ReadyWord, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line[ReadyPipe.ReadyWord.Length..], CliJsonContext.Default.ServingReport);
        }
        catch (JsonException e)
        {
            throw Torn(settings, e);
        }
    }

    private static Process Start(string readyDescriptor, DaemonSettings settings)
    {
        IReadOnlyList<string> self = ProgramCommand.OfThis();
        IEnumerable<string> words = settings.Protection == RestartProtectionWish.Off
            ? [.. DetachedDaemon.Arguments(settings), DetachedDaemon.ReadyOption, readyDescriptor]
            : [Supervisor.Word, readyDescriptor, .. DetachedDaemon.Arguments(settings)];
        ProcessStartInfo start = new(Shell, ["-c", Redirecting, DaemonLog.PathIn(settings.PoolDirectory), .. self, .. words]);

        ProgramCommand.LeaveNothingBehind(start);
        return DaemonPrivileges.Start(start)
            ?? throw new CommandFailure(ControlErrorKind.Failed, $"{self[0]} did not start; use --foreground to see why");
    }

    private static async Task<CommandFailure> SilentDeathAsync(Process child, DaemonSettings settings, CancellationToken cancel)
    {
        await child.WaitForExitAsync(cancel).ConfigureAwait(false);
        return new CommandFailure(
            ControlErrorKind.Failed,
            $"the daemon died before it served (exit code {child.ExitCode}); see {LogOf(settings)}, or use --foreground");
    }

    private static CommandFailure Refusal(string line, DaemonSettings settings)
    {
        try
        {
            ControlError? error = JsonSerializer.Deserialize(line, CliJsonContext.Default.ControlError);
            if (error is not null)
            {
                return new CommandFailure(error.Kind, error.Message);
            }
        }
        catch (JsonException e)
        {
            return Torn(settings, e);
        }

        return Torn(settings, null);
    }

    // A line without its end: the daemon was killed while it wrote.
    private static CommandFailure Torn(DaemonSettings settings, Exception? cause) =>
        new(ControlErrorKind.Failed, $"the daemon died while it said why it cannot serve; see {LogOf(settings)}", cause);

    private static string LogOf(DaemonSettings settings) => DaemonLog.PathIn(settings.PoolDirectory);
}
