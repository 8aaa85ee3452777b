namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>All that can be compared, in the order of the table.</summary>
internal static class SubjectCatalog
{
    private static readonly (string Name, Func<SuiteContext, Subject> Make)[] Makers =
    [
        ("raw", context => new RawSubject(context)),
        ("bare-dev", context => new PassthroughSubject(Transports.Device, context)),
        ("bare-uring", context => new PassthroughSubject(Transports.Uring, context)),
        ("thinfuse-dev", context => new ThinFuseSubject(Transports.Device, isWritten: false, context)),
        ("thinfuse-uring", context => new ThinFuseSubject(Transports.Uring, isWritten: false, context)),
        ("thinfuse-dev-full", context => new ThinFuseSubject(Transports.Device, isWritten: true, context)),
        ("thinfuse-uring-full", context => new ThinFuseSubject(Transports.Uring, isWritten: true, context)),
        ("xfs", context => new ReflinkSubject("xfs", context)),
        ("btrfs", context => new ReflinkSubject("btrfs", context)),
        ("qcow2-fuse", context => new QcowSubject(QcowSubject.FuseExport, hasOverlays: false, context)),
        ("qcow2-nbdfuse", context => new QcowSubject(QcowSubject.NbdExport, hasOverlays: false, context)),
        ("qcow2-overlays", context => new QcowSubject(QcowSubject.NbdExport, hasOverlays: true, context)),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Makers.Select(maker => maker.Name)];

    /// <summary>Makes those that were asked for.</summary>
    public static IReadOnlyList<Subject> Make(SuiteContext context) =>
        [.. Makers.Where(maker => context.Options.Subjects.Contains(maker.Name)).Select(maker => maker.Make(context))];
}
