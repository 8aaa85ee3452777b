namespace ThinFuse.Benchmarks.Suite.Report;

/// <summary>What ThinFuse wants to reach, as ratios within one run where possible.</summary>
internal static class Targets
{
    private static readonly string[] Transports = [Subjects.Transports.Device, Subjects.Transports.Uring];

    /// <summary>All targets for which there are numbers.</summary>
    public static IReadOnlyList<TargetOutcome> Judge(Results results) =>
    [
        .. Transports.SelectMany(transport => SideBySideTargets.Judge(results, transport)).OfType<TargetOutcome>(),
        .. Transports.SelectMany(transport => AloneTargets.Judge(results, $"thinfuse-{transport}")).OfType<TargetOutcome>(),
    ];
}
