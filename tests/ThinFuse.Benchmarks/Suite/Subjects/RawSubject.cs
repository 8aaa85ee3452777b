namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A sparse file on the host filesystem: the limit.</summary>
internal sealed class RawSubject(SuiteContext context) : Subject("raw", context)
{
    /// <inheritdoc/>
    public override string File => Path.Combine(Home, "disk");

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => volumeBytes;

    /// <inheritdoc/>
    protected override void Replace(long sizeBytes) => MakeSparse(File, sizeBytes);
}
