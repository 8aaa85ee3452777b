using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using ThinFuse.Cli.Addressing;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Supervision;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Fuse.Serving;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Mount;

/// <summary><c>thinfuse mount</c>: by starting itself again; in the background, or in the foreground.</summary>
internal sealed class MountCommand : CliCommand
{
    private const int MaxThreads = 256;

    private readonly Argument<string> _pool = Input.Path("POOL", "The pool directory.");
    private readonly Argument<string> _mount = Input.Path("MNT", "An empty directory to mount it at.");
    private readonly Option<bool> _foreground = new("--foreground") { Description = "Serve until Ctrl-C, or SIGTERM, and return then." };
    private readonly Option<bool> _allowOther = new("--allow-other") { Description = "Let other users enter the mount." };
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "How many requests that may block are served at once; default: what suits the machine.",
        HelpName = "N",
        CustomParser = Input.Parse<int?>(ParseThreads),
    };
    private readonly Option<long?> _tableMemory = new("--table-memory")
    {
        Description = "Memory for the mapping's newest part, a power of two from 2M to 64G, and an eighth more for its index; default: 64M. 64M hold "
            + "the mapping of 380 GiB in chunks of 64K; what is more is read from the pool directory.",
        HelpName = "SIZE",
        CustomParser = Input.Parse<long?>(ParseTableMemory),
    };
    private readonly Option<FuseTransportKind> _transport = new(TransportName.Option)
    {
        Description = "How requests reach the daemon: dev (/dev/fuse), uring (io_uring), or auto: uring where the kernel has it.",
        HelpName = "NAME",
        DefaultValueFactory = _ => FuseTransportKind.Automatic,
        CustomParser = Input.Parse<FuseTransportKind>(TransportName.TryParse),
    };
    private readonly Option<bool> _protect = new("--protect")
    {
        Description = "Insist that the mount outlives its daemon: when that dies another one takes over, and users see a pause. Default: where possible.",
    };

    private readonly Option<bool> _noProtect = new("--no-protect")
    {
        Description = "Have no process watch over the daemon: when that dies, the mount is dead.",
    };

    private readonly Option<TimeSpan?> _takeOver = new("--take-over")
    {
        Description = "Where another daemon has the pool, have it give that up: it writes out, unmounts and ends; after DURATION (20s) it is killed.",
        HelpName = "DURATION",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParseTakeOver,
    };

    private readonly Option<int?> _supervisorDescriptor = new(ServerProcess.SupervisorOption) { Hidden = true };
    private readonly Option<int?> _readyDescriptor = new(DetachedDaemon.ReadyOption) { Hidden = true };

    public MountCommand(CliServices services)
        : base(services, "mount", "Mount a pool: volumes and snapshots appear as files. Returns when the mount serves.")
    {
        Add(_pool);
        Add(_mount);
        Add(_foreground);
        Add(_allowOther);
        Add(_threads);
        Add(_tableMemory);
        Add(_transport);
        Add(_protect);
        Add(_noProtect);
        Add(_takeOver);
        Add(_readyDescriptor);
        Add(_supervisorDescriptor);
        Validators.Add(CheckProtection);
    }

    protected override async Task<int> RunAsync(ParseResult parse, CommandOutput output, CancellationToken cancel)
    {
        string pool = PoolLocator.RequirePool(parse.GetRequiredValue(_pool));
        string mountPoint = parse.GetRequiredValue(_mount);
        if (parse.GetValue(_readyDescriptor) is { } descriptor)
        {
            DetachedDaemon.Begin();
            using ReadyPipe ready = new(descriptor);
            return await RunDetachedAsync(Settings(parse, pool, mountPoint), ready.Send, cancel).ConfigureAwait(false);
        }

        if (parse.GetValue(_supervisorDescriptor) is { } supervisorDescriptor)
        {
            DetachedDaemon.Begin();
            using ServerLink supervisor = ServerLink.Open(supervisorDescriptor);
            DaemonSettings supervised = Settings(parse, pool, mountPoint) with { Supervisor = supervisor };
            return await RunDetachedAsync(supervised, supervisor.SendLine, cancel).ConfigureAwait(false);
        }

        int? takenOverFrom = parse.GetResult(_takeOver) is null ? null
            : await TakeOver.RunAsync(Services.Locator, pool, parse.GetValue(_takeOver) ?? TakeOver.DefaultPatience, cancel).ConfigureAwait(false);
        if (await MountPlace.FindServingAsync(Services.Locator, pool, mountPoint, cancel).ConfigureAwait(false) is { } serving)
        {
            Show(output, serving);
            return 0;
        }

        DaemonSettings settings = Settings(parse, pool, MountPlace.RequireEmpty(mountPoint));
        if (parse.GetValue(_foreground))
        {
            return await RunInFrontAsync(settings, takenOverFrom, output, cancel).ConfigureAwait(false);
        }

        Show(output, settings, takenOverFrom, await BackgroundDaemon.StartAsync(settings, cancel).ConfigureAwait(false));
        return 0;
    }

    private async Task<int> RunInFrontAsync(DaemonSettings settings, int? takenOverFrom, CommandOutput output, CancellationToken cancel)
    {
        if (settings.Protection == RestartProtectionWish.Off)
        {
            ServingReport here = new(Environment.ProcessId, IsProtected: false, Obstacle: null);
            await ServeAsync(settings, _ => Show(output, settings, takenOverFrom, here), cancel).ConfigureAwait(false);
            return 0;
        }

        // What keeps the first server from serving it has said itself, on the stderr that is this command's too.
        return await ApartAsync(() => Supervisor.RunInFront(DetachedDaemon.Arguments(settings, output.IsJson), line =>
        {
            if (BackgroundDaemon.ReportIn(line, settings) is { } report)
            {
                Show(output, settings, takenOverFrom, report);
            }
        })).ConfigureAwait(false);
    }

    private async Task<int> RunDetachedAsync(DaemonSettings settings, Action<string> answer, CancellationToken cancel)
    {
        bool isAnswered = false;
        try
        {
            await ServeAsync(
                settings,
                state =>
                {
                    isAnswered = true;
                    answer(ReadyPipe.LineOf(new ServingReport(Environment.ProcessId, state.IsProtected, state.Obstacle)));
                },
                cancel).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (!isAnswered)
        {
            answer(ReadyPipe.LineOf(ErrorTranslator.Translate(e)));
            throw;
        }
    }

    private void CheckProtection(CommandResult result)
    {
        bool insists = result.GetValue(_protect);
        if (insists && result.GetValue(_noProtect))
        {
            result.AddError("--protect and --no-protect contradict each other; give one of them");
        }
        else if (insists && result.GetValue(_transport) == FuseTransportKind.Uring)
        {
            result.AddError("--protect needs --transport dev: the kernel sends no request again that came over io_uring");
        }
    }

    private Task ServeAsync(DaemonSettings settings, Action<ServingState> onReady, CancellationToken cancel) => ApartAsync(() =>
    {
        Services.Daemon.Run(settings, onReady, cancel);
        return 0;
    });

    // On a thread of its own: signals are listened to only after this returns to the caller.
    private static Task<int> ApartAsync(Func<int> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private DaemonSettings Settings(ParseResult parse, string pool, string mountPoint) =>
        new(
            pool,
            mountPoint,
            parse.GetValue(_allowOther),
            parse.GetValue(_transport),
            parse.GetValue(_threads),
            parse.GetValue(_tableMemory),
            parse.GetValue(_protect) ? RestartProtectionWish.Required
                : parse.GetValue(_noProtect) ? RestartProtectionWish.Off
                : RestartProtectionWish.Automatic);

    private static void Show(CommandOutput output, DaemonSettings settings, int? takenOverFrom, ServingReport report)
    {
        RestartProtectionState protection = report.IsProtected ? RestartProtectionState.On : RestartProtectionState.Off;
        Show(output, new MountResult(settings.PoolDirectory, settings.MountPoint, report.Pid, AlreadyMounted: false, protection, report.Obstacle, takenOverFrom));
    }

    private static void Show(CommandOutput output, MountResult result) => output.Show(result, CliJsonContext.Default.MountResult, r =>
    {
        output.Line($"{r.Pool} is {(r.AlreadyMounted ? "already " : "")}mounted at {r.MountPoint}, served by pid {r.DaemonPid}");
        if (r.TakenOverFrom is { } before)
        {
            output.Line($"pid {before}, which had it, has ended");
        }

        if (r.ProtectionObstacle is { } obstacle)
        {
            output.Line($"restart protection is off: {obstacle}");
        }

        if (ThinPool.CheckNeededFor(r.Pool) is { } reason)
        {
            output.Warn($"the pool can only be read, since {reason}; unmount it, run 'thinfuse pool check {r.Pool}', and mount again");
        }
    });

    private static TimeSpan? ParseTakeOver(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return TakeOver.DefaultPatience;
        }

        if (!Duration.TryParse(result.Tokens[0].Value, out TimeSpan patience, out string problem))
        {
            result.AddError(problem);
        }

        return patience;
    }

    private static bool ParseThreads(string text, out int? value, out string problem)
    {
        bool isCount = int.TryParse(text, System.Globalization.NumberStyles.None, null, out int count) && count is >= 1 and <= MaxThreads;
        value = count;
        problem = isCount ? "" : $"'{text}' is not a number of threads; give 1 to {MaxThreads}";
        return isCount;
    }

    private static bool ParseTableMemory(string text, out long? value, out string problem)
    {
        bool isSize = Size.TryParse(text, out long bytes, out problem);
        value = bytes;
        if (isSize && (bytes is < PoolOpenOptions.MinTableMemoryBytes or > PoolOpenOptions.MaxTableMemoryBytes || !BitOperations.IsPow2(bytes)))
        {
            problem = $"'{text}' is no memory for the table; give a power of two from 2M to 64G";
        }

        return problem.Length == 0;
    }
}
