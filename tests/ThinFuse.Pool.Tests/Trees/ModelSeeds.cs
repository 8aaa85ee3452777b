using System.Diagnostics;
using System.Globalization;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>
/// The seeds that a test runs: a few each time; with THINFUSE_MODEL_SECONDS=N in the environment further ones for N seconds, from THINFUSE_MODEL_SEED=SEED
/// on, whatever fails.
/// </summary>
internal static class ModelSeeds
{
    /// <summary>Runs seeds; throws for the first that failed, and names all.</summary>
    internal static void Run(int usualCount, Action<int> run)
    {
        int first = Setting("THINFUSE_MODEL_SEED");
        TimeSpan time = TimeSpan.FromSeconds(Setting("THINFUSE_MODEL_SECONDS"));
        Stopwatch watch = Stopwatch.StartNew();
        List<Exception> failures = [];
        for (int seed = first; (seed < first + usualCount && time == TimeSpan.Zero) || watch.Elapsed < time; seed++)
        {
            try
            {
                run(seed);
            }
            catch (Exception e)
            {
                // The others are run all the same: several failures tell more than one.
                failures.Add(new InvalidOperationException($"seed {seed}", e));
            }
        }

        if (failures.Count != 0)
        {
            throw new AggregateException(failures);
        }
    }

    private static int Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0;
}
