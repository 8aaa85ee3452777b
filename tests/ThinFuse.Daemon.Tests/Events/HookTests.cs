using System.Diagnostics;
using System.Globalization;
using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Events.Hooks;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Events;

/// <summary>Hooks run beside a stream that the test feeds; what they saw they append to a file.</summary>
public sealed class HookTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _place = new();
    private readonly RecordingLoggers _log = new();
    private readonly EventStream _events = new(capacity: 8);
    private readonly string _pool;
    private EventHooks? _hooks;

    public HookTests()
    {
        _pool = _place.Add("pool");
        Directory.CreateDirectory(DirectoryPath);
        Shell.Run(_pool, "chmod 755 . hooks.d").MustSucceed();
    }

    public void Dispose()
    {
        _hooks?.Dispose();
        _place.Dispose();
    }

    private string DirectoryPath => Path.Combine(_pool, HookRules.DirectoryName);

    private string Out => Path.Combine(_place.FullPath, "out");

    [Fact]
    public void Each_hook_gets_each_event_in_order_with_its_kind_and_line()
    {
        AddHook("10-a", $"read -r line; echo \"a $1 $line\" >> {Out}.a");
        AddHook("20-b", $"echo \"b $1 $THINFUSE_POOL $THINFUSE_MOUNT $PWD\" >> {Out}.b");
        Start();
        Tell("one", "two", "three");

        Lines(Out + ".a", 3).Select(line => line[..line.IndexOf(",\"time", StringComparison.Ordinal)])
            .Should().Equal("a one {\"sequence\":1", "a two {\"sequence\":2", "a three {\"sequence\":3");
        Lines(Out + ".b", 3).Should().Equal($"b one {_pool} /mnt /", $"b two {_pool} /mnt /", $"b three {_pool} /mnt /");
    }

    [Fact]
    public void A_hook_runs_one_event_at_a_time()
    {
        AddHook("a", $"mkdir {Out}.busy || echo overlap >> {Out}; sleep 0.02; rmdir {Out}.busy; echo $1 >> {Out}");
        Start();
        Tell("one", "two", "three", "four", "five");

        Lines(Out, 5).Should().Equal("one", "two", "three", "four", "five");
    }

    [Fact]
    public void A_hook_that_comes_later_begins_with_the_event_it_was_there_for()
    {
        AddHook("a", $"echo a $1 >> {Out}");
        Start();
        Tell("one");
        Lines(Out, 1);
        AddHook("b", $"echo b $1 >> {Out}");

        Tell("two");

        Lines(Out, 3).Should().BeEquivalentTo("a one", "a two", "b two");
    }

    [Fact]
    public void A_hook_that_takes_too_long_is_killed_with_its_children_and_the_next_event_runs()
    {
        AddHook("a", $"sleep 1000 & echo $! >> {Out}.pids; echo $1 >> {Out}; [ $1 = two ] || wait");
        Start(TimeSpan.FromMilliseconds(500));
        Tell("one", "two");

        Lines(Out, 2).Should().Equal("one", "two");
        WaitForLog("hook a: one: killed, for it took longer than 0.5 s");
        WaitForLog("hook a: two: exit status 0");
        string[] children = Lines(Out + ".pids", 2);
        SpinWait.SpinUntil(() => !IsRunning(children[0]), Patience).Should().BeTrue("what the killed hook started is killed too");
        Process.GetProcessById(int.Parse(children[1], CultureInfo.InvariantCulture)).Kill();
    }

    [Fact]
    public void A_hanging_hook_ends_also_when_the_daemon_is_there_no_more_to_end_it()
    {
        AddHook("a", $"sleep 1000 & echo $! >> {Out}; wait");
        HookSettings settings = new(_pool, "/mnt") { Timeout = TimeSpan.FromMilliseconds(500), WardenPatience = TimeSpan.FromMilliseconds(500) };
        StreamedEvent happened = EventLines.Of(1, PoolEvent.Now("one", ""));

        using HookProcess process = HookProcess.Start(new HookCommand(Path.Combine(DirectoryPath, "a"), happened, settings));

        process.WaitForEnd(Patience).Should().BeTrue();
        process.Reap().Should().NotBe(0);
        string child = Lines(Out, 1)[0];
        SpinWait.SpinUntil(() => !IsRunning(child), Patience).Should().BeTrue();
    }

    [Fact]
    public void A_hanging_hook_holds_up_neither_another_nor_the_end()
    {
        AddHook("a", $"echo $$ >> {Out}.pid; exec sleep 1000");
        AddHook("b", $"echo $1 >> {Out}");
        Start(endPatience: TimeSpan.FromMilliseconds(200));
        Tell("one", "two");
        Lines(Out, 2).Should().Equal("one", "two");
        string pid = Lines(Out + ".pid", 1)[0];

        _hooks!.Dispose();

        SpinWait.SpinUntil(() => !IsRunning(pid), Patience).Should().BeTrue();
        WaitForLog("hook a: one: killed, for the daemon ends");
        Lines(Out + ".pid", 1).Should().HaveCount(1, "no event is begun after that");
    }

    [Fact]
    public void What_waits_at_the_end_is_run_when_it_is_quick()
    {
        AddHook("a", $"echo $1 >> {Out}");
        Start(endPatience: Patience);
        Tell("one", "two", "three");

        _hooks!.Dispose();

        Lines(Out, 3).Should().Equal("one", "two", "three");
    }

    [Fact]
    public void A_hook_that_is_too_slow_misses_events_and_the_log_says_how_many()
    {
        AddHook("a", $"echo $1 >> {Out}; while [ ! -e {Out}.go ]; do sleep 0.02; done");
        Start();
        Tell("first");
        Lines(Out, 1);
        Tell([.. Enumerable.Range(0, 13).Select(number => $"n{number}")]);
        File.WriteAllText(Out + ".go", "");

        Lines(Out, 9).Should().Equal("first", "n5", "n6", "n7", "n8", "n9", "n10", "n11", "n12");
        WaitForLog("hook a was too slow: {\"kind\":\"events_lost\",\"count\":5}");
    }

    [Theory]
    [InlineData("exit 3", "hook a: one: exit status 3")]
    [InlineData("kill -9 $$", "hook a: one: ended by signal 9")]
    public void A_failure_is_logged(string script, string words)
    {
        AddHook("a", script);
        Start();
        Tell("one");

        WaitForLog(words);
    }

    [Fact]
    public void A_hook_gets_no_descriptor_of_the_daemon_and_a_process_group_of_its_own()
    {
        using FileStream held = new(Path.Combine(_place.FullPath, "held"), FileMode.Create);
        AddHook("a", $"ps -o pgid= -p $$ > {Out}.group; exec ls /proc/self/fd > {Out}");
        Start();
        Tell("one");

        Lines(Out, 4).Should().Equal(["0", "1", "2", "3"], "the last is the directory being listed");
        Lines(Out + ".group", 1)[0].Trim().Should().NotBe(Shell.Run("/", $"ps -o pgid= -p {Environment.ProcessId}").Output.Trim());
    }

    [Theory]
    [InlineData("chmod 777 hooks.d/a", "hooks.d/a is not used: its group or others may write it; use chmod go-w")]
    [InlineData("chmod 770 hooks.d/a", "hooks.d/a is not used: its group or others may write it; use chmod go-w")]
    [InlineData("chmod 644 hooks.d/a", "hooks.d/a is not used: it is not executable")]
    [InlineData("mv hooks.d/a a; ln -s ../a hooks.d/a", "hooks.d/a is not used: it is no regular file")]
    [InlineData("chmod 777 hooks.d", "hooks.d is not used: its group or others may write it; use chmod go-w")]
    [InlineData("chmod 777 .", "pool is not used: its group or others may write it; use chmod go-w")]
    [InlineData("mv hooks.d real; ln -s real hooks.d", "hooks.d is not used: it is no directory")]
    public void What_others_could_have_written_is_not_run_and_said_once(string change, string words)
    {
        AddHook("a", $"echo a $1 >> {Out}");
        Shell.Run(_pool, change).MustSucceed();
        Start();
        Tell("one", "two");
        WaitForLog(words);
        _hooks!.Dispose();

        File.Exists(Out).Should().BeFalse();
        _log.Lines.Count(line => line.Text.EndsWith(words, StringComparison.Ordinal)).Should().Be(1);
    }

    [SkippableFact]
    public void A_hook_of_another_user_is_not_run()
    {
        Skip.IfNot(Environment.UserName == "root", "only root can give a file away");
        AddHook("a", $"echo a $1 >> {Out}");
        Shell.Run(_pool, "chown 12345 hooks.d/a").MustSucceed();
        Start();
        Tell("one");

        WaitForLog("hooks.d/a is not used: it belongs to user 12345");
        _hooks!.Dispose();
        File.Exists(Out).Should().BeFalse();
    }

    [Fact]
    public void A_hook_that_becomes_unsafe_runs_no_more()
    {
        AddHook("a", $"echo a $1 >> {Out}");
        AddHook("b", $"echo b $1 >> {Out}.b");
        Start();
        Tell("one");
        Lines(Out, 1);
        Shell.Run(DirectoryPath, "chmod o+w a").MustSucceed();

        Tell("two");

        Lines(Out + ".b", 2);
        _hooks!.Dispose();
        Lines(Out, 1).Should().Equal("a one");
    }

    private void AddHook(string name, string script)
    {
        string path = Path.Combine(DirectoryPath, name);
        File.WriteAllText(path + "~", "#!/bin/bash\n" + script + "\n");
        Shell.Run(DirectoryPath, $"chmod 755 {name}~").MustSucceed();
        File.Move(path + "~", path);
    }

    private void Start(TimeSpan? timeout = null, TimeSpan? endPatience = null) => _hooks = EventHooks.Start(
        new HookSettings(_pool, "/mnt")
        {
            Timeout = timeout ?? Patience,
            WardenPatience = TimeSpan.FromHours(1),
            EndPatience = endPatience ?? TimeSpan.FromSeconds(5),
        },
        _events,
        _log.CreateLogger("hooks"));

    private void Tell(params string[] kinds)
    {
        foreach (string kind in kinds)
        {
            _events.Append(PoolEvent.Now(kind, ""));
        }
    }

    private static string[] Lines(string path, int count)
    {
        string[] lines = [];
        SpinWait.SpinUntil(() => (lines = File.Exists(path) ? File.ReadAllLines(path) : []).Length >= count, Patience)
            .Should().BeTrue("{0} lines are awaited in {1}, and there are: {2}", count, path, string.Join(" | ", lines));
        return lines;
    }

    private void WaitForLog(string words) =>
        SpinWait.SpinUntil(() => _log.Lines.Any(line => line.Text.EndsWith(words, StringComparison.Ordinal)), Patience)
            .Should().BeTrue("'{0}' is awaited in the log: {1}", words, string.Join(" | ", _log.Lines.Select(line => line.Text)));

    private static bool IsRunning(string pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal);
}
