using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Mount;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Supervision;

namespace ThinFuse.Cli.Supervision;

/// <summary>
/// The process that stays while servers come and go: it holds the FUSE connection and the pool's lock, starts a server, and another when that one dies. It
/// knows nothing of pools, and does nothing but wait.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    /// <summary>The first word of its command line; then the descriptor of the pipe to the command that waits, and the server's arguments.</summary>
    public const string Word = "supervise";

    /// <summary>How long to wait before a program that could not be started, or did not come to serve, is started again.</summary>
    private const int RetryPauseMs = 1000;

    private readonly IReadOnlyList<string> _arguments;
    private readonly Action<string> _answer;
    private readonly bool _staysInFront;
    private readonly CrashLoop _loop = new();
    private readonly ILogger _logger = new LineLogger(Console.Error, "ThinFuse.Supervisor");
    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private IReadOnlyList<string> _command = ProgramCommand.OfThis();
    private IReadOnlyList<string>? _commandBefore;
    private KeptThings? _kept;
    private bool _isAnswered;
    private bool _isToEnd;
    private int _serverId;
    private bool _hasServed;
    private bool _hasEverServed;
    private bool _isEnding;
    private bool _isLetGo;
    private HandOverOrder? _handOver;

    private Supervisor(IReadOnlyList<string> arguments, Action<string> answer, bool staysInFront)
    {
        _arguments = arguments;
        _answer = answer;
        _staysInFront = staysInFront;
    }

    /// <summary>Runs it in the background, with the words after <see cref="Word"/>.</summary>
    /// <returns>The exit code: 0 when the mount ended in order.</returns>
    public static int Run(IReadOnlyList<string> words)
    {
        using ReadyPipe ready = new(int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture));
        DetachedDaemon.Begin();
        return Run([.. words.Skip(1)], ready.Send, staysInFront: false);
    }

    /// <summary>Runs it in the process of the command, which somebody waits for: it ends with the last server, also where it need not watch over that.</summary>
    /// <param name="arguments">The server's.</param>
    /// <param name="answer">Told once what the first server says of the mount.</param>
    /// <returns>The exit code: 0 when the mount ended in order.</returns>
    public static int RunInFront(IReadOnlyList<string> arguments, Action<string> answer)
    {
        // Servers get what the supervisor gives them, and nothing else.
        Posix.CloseDescriptorsOnExec();
        return Run(arguments, answer, staysInFront: true);
    }

    private static int Run(IReadOnlyList<string> arguments, Action<string> answer, bool staysInFront)
    {
        using Supervisor supervisor = new(arguments, answer, staysInFront);
        ProcessSettings.Apply(supervisor._logger);
        supervisor.ForwardSignals();
        return supervisor.Supervise();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _kept?.Dispose();
    }

    private int Supervise()
    {
        StartOrder order = new(Restarts: 0, RestartCause.None, PauseBeganAt: 0, Kept: null);
        while (true)
        {
            (ServerDeath death, int exitCode) = RunServer(order);
            if (_isEnding || _isLetGo || !_hasEverServed)
            {
                return exitCode;
            }

            RestartCause cause = Judge(death);
            if (cause == RestartCause.None)
            {
                return 1;
            }

            long pauseBeganAt = _handOver?.PauseBeganAt ?? (death.HadServed ? Stopwatch.GetTimestamp() : order.PauseBeganAt);
            order = new StartOrder(order.Restarts + 1, cause, pauseBeganAt, _kept?.Description);
            if (cause == RestartCause.Death && !death.HadServed && !death.WasKilled)
            {
                Thread.Sleep(RetryPauseMs);
            }
        }
    }

    /// <summary>Why the next server is started; None when there is to be none. Chooses its program.</summary>
    private RestartCause Judge(ServerDeath death)
    {
        if (_handOver is { } handOver)
        {
            (_commandBefore, _command) = (_command, handOver.Command);
            return RestartCause.Upgrade;
        }

        if (_commandBefore is { } before && !death.HadServed)
        {
            _logger.LogError("{Command} did not come to serve; going on with {Before}", string.Join(' ', _command), string.Join(' ', before));
            (_command, _commandBefore) = (before, null);
            return RestartCause.FailedUpgrade;
        }

        if (_loop.Ends(death))
        {
            _logger.LogCritical(
                "the server died {Count} times within a short time, see above why; giving up: everything in the mount fails from now on (EIO); "
                + "unmount it, and mount the pool again when the cause is mended",
                CrashLoop.MostDeaths);
            return RestartCause.None;
        }

        return RestartCause.Death;
    }

    private (ServerDeath Death, int ExitCode) RunServer(StartOrder order)
    {
        _hasServed = false;
        _handOver = null;
        ServerProcess server;
        try
        {
            server = ServerProcess.Start(
                _command, _arguments, JsonSerializer.SerializeToUtf8Bytes(order, SupervisionJson.Default.StartOrder), _kept?.Descriptors ?? []);
        }
        catch (Win32Exception failure)
        {
            _logger.LogError("{Command} cannot be started: {Reason}", string.Join(' ', _command), failure.Message);
            return (new ServerDeath(Environment.TickCount64, WasKilled: false, HadServed: false), 1);
        }

        using (server)
        {
            lock (_lock)
            {
                _serverId = server.Id;
            }

            while ((!_isLetGo || _staysInFront) && server.Receive() is { } message)
            {
                Take(message);
            }

            if (_isLetGo && !_staysInFront)
            {
                return (new ServerDeath(Environment.TickCount64, WasKilled: false, HadServed: true), 0);
            }

            // No signal may be forwarded to what the number means later.
            lock (_lock)
            {
                _serverId = 0;
            }

            server.WaitForEnd();
            if (!_isEnding && _handOver is null && _hasServed)
            {
                _logger.LogError("the server, pid {Pid}, died with exit code {ExitCode}", server.Id, server.ExitCode);
            }

            return (new ServerDeath(Environment.TickCount64, server.WasKilled, _hasServed), server.ExitCode);
        }
    }

    private void Take(SupervisionMessage message)
    {
        switch (message.Kind)
        {
            case SupervisionMessageKind.Keep:
                _kept = new KeptThings(message);
                break;
            case SupervisionMessageKind.Serving:
                _hasServed = true;
                _hasEverServed = true;
                _commandBefore = null;
                EndIfAsked();
                break;
            case SupervisionMessageKind.Line:
                SendLine(message);
                break;
            case SupervisionMessageKind.LetGo:
                _isLetGo = true;
                _kept?.Dispose();
                _kept = null;
                break;
            case SupervisionMessageKind.HandOver:
                _handOver = JsonSerializer.Deserialize(message.Body, SupervisionJson.Default.HandOverOrder);
                break;
            case SupervisionMessageKind.Ending:
                _isEnding = true;
                break;
        }
    }

    /// <summary>The command that waits is told once; of later servers nobody waits.</summary>
    private void SendLine(SupervisionMessage message)
    {
        if (!_isAnswered)
        {
            _isAnswered = true;
            _answer(Encoding.UTF8.GetString(message.Body));
        }
    }

    /// <summary>A successor that comes up is told what its predecessor did not live to hear: before it serves, it would just die of it.</summary>
    private void EndIfAsked()
    {
        lock (_lock)
        {
            if (_isToEnd)
            {
                Posix.Terminate(_serverId);
            }
        }
    }

    /// <summary>Who asks this process to end means the mount.</summary>
    private void ForwardSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                lock (_lock)
                {
                    _isToEnd = true;
                    if (_serverId != 0 && (_hasServed || !_hasEverServed))
                    {
                        Posix.Terminate(_serverId);
                    }
                }
            }));
        }
    }
}
