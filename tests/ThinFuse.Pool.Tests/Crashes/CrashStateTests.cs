using System.Globalization;
using Xunit.Abstractions;

namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>
/// Scripts of random steps are run once, every other one on a disk whose reads, writes and flushes fail now and then; then the pool is opened as if the process
/// had died, or the power had gone, after every single I/O: what was promised is there.
/// </summary>
/// <remarks>
/// A usual run takes some seconds. THINFUSE_CRASH_STATES=N goes on with further seeds until N distinct states are verified, THINFUSE_CRASH_SECONDS=N for N
/// seconds, and THINFUSE_CRASH_SEED=SEED begins there. A failure names the seed, which repeats it.
/// </remarks>
public sealed class CrashStateTests(ITestOutputHelper output)
{
    private const int UsualStates = 2000;

    /// <summary>It and the next, which go side by side, are one with a faulty disk and one with the real exception table.</summary>
    private const int UsualSeed = 8;

    [Fact]
    public void What_was_promised_is_there_after_a_crash_at_every_io_also_of_a_faulty_disk()
    {
        int states = Setting("THINFUSE_CRASH_STATES");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_CRASH_SECONDS"));
        bool isUsual = states == 0 && time == TimeSpan.Zero;
        int firstSeed = Setting("THINFUSE_CRASH_SEED") is > 0 and int seed ? seed : UsualSeed;
        CrashSearch search = new(firstSeed, isUsual ? UsualStates : states, time, output.WriteLine);
        search.Run();
        output.WriteLine(
            $"{search.States} distinct crash states, {search.Rate:f0} a second, {search.StatesOnFaster} of them with the table on FASTER; {search.CrashedAgain} crashed again while opened, {search.MetFaults} refused "
            + $"on a disk that failed while they were opened; {search.Faults} faults before the crash; {search.Repeated} were like one before");
        search.States.Should().BePositive();
    }

    private static int Setting(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
