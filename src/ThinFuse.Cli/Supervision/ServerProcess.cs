using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Daemon.Supervision;

namespace ThinFuse.Cli.Supervision;

/// <summary>A server that the supervisor started, and what it has said so far.</summary>
internal sealed class ServerProcess : IDisposable
{
    /// <summary>Names the socket to the supervisor on the server's command line.</summary>
    public const string SupervisorOption = "--supervisor-fd";

    private const int ExitCodeOfKill = 128 + 9;

    private readonly Process _process;
    private readonly SupervisionSocket _socket;

    private ServerProcess(Process process, SupervisionSocket socket)
    {
        _process = process;
        _socket = socket;
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Its exit code, once it has ended; 128 and the signal's number when a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether SIGKILL ended it.</summary>
    public bool WasKilled => _process.ExitCode == ExitCodeOfKill;

    /// <summary>Starts a server and tells it what it is for.</summary>
    /// <param name="command">The program, and what stands before its arguments.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="order">What it is for.</param>
    /// <param name="kept">The descriptors that it gets.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ServerProcess Start(
        IReadOnlyList<string> command, IReadOnlyList<string> arguments, byte[] order, IReadOnlyList<SafeFileHandle> kept)
    {
        (SupervisionSocket ours, SafeFileHandle theirs) = SupervisionSocket.Pair();
        try
        {
            using (theirs)
            {
                string descriptor = theirs.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
                ProcessStartInfo start = new(command[0], [.. command.Skip(1), .. arguments, SupervisorOption, descriptor]);
                ProgramCommand.LeaveNothingBehind(start);
                Process process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} was not started");

                // When it has died already, that shows as soon as something is to be received.
                ours.TrySend(SupervisionMessageKind.Start, order, kept);
                return new ServerProcess(process, ours);
            }
        }
        catch
        {
            ours.Dispose();
            throw;
        }
    }

    /// <summary>Waits for what it says next; null when it says nothing more, because it has ended or is about to.</summary>
    public SupervisionMessage? Receive() => _socket.Receive();

    /// <summary>Waits until nothing of it runs any more: no write that it began is under way afterwards.</summary>
    public void WaitForEnd() => _process.WaitForExit();

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _process.Dispose();
    }
}
