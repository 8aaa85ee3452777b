namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A sparse file on the host filesystem: the limit.</summary>
internal sealed class RawSubject(SuiteContext context) : Subject("raw", context), IManyFiles
{
    /// <inheritdoc/>
    public override string File => Path.Combine(Home, "disk");

    /// <inheritdoc/>
    public override long NeededBytes(long volumeBytes) => volumeBytes;

    /// <inheritdoc/>
    public IReadOnlyList<string> MakeFiles(int count, long sizeBytes)
    {
        string[] files = [.. Enumerable.Range(1, count).Select(number => $"{File}-{number}")];
        foreach (string file in files)
        {
            MakeSparse(file, sizeBytes);
        }

        return files;
    }

    /// <inheritdoc/>
    protected override void Replace(long sizeBytes)
    {
        foreach (string other in Directory.EnumerateFiles(Home, "disk-*"))
        {
            System.IO.File.Delete(other);
        }

        MakeSparse(File, sizeBytes);
    }
}
