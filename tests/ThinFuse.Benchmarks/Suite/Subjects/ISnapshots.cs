namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>Snapshots of a subject's file. Each call is one request to whoever makes them, without starting a program, so that its time is theirs.</summary>
internal interface ISnapshots
{
    /// <summary>Bytes held by the file and its snapshots together.</summary>
    long UsedBytes { get; }

    /// <summary>Freezes the file as it is.</summary>
    void Create(string name);

    /// <summary>Removes a snapshot; its space may come back later.</summary>
    void Delete(string name);
}
