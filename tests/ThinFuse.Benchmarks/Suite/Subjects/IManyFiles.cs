namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>A subject that can have several files at once.</summary>
internal interface IManyFiles
{
    /// <summary>Makes empty files beside the one that there is; they are gone when that is replaced.</summary>
    IReadOnlyList<string> MakeFiles(int count, long sizeBytes);
}
