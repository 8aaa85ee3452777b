namespace ThinFuse.Daemon.Tests.Support;

/// <summary>A directory of a test's own, gone with everything in it when disposed.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => FullPath = Directory.CreateTempSubdirectory("thinfuse-").FullName;

    public string FullPath { get; }

    /// <summary>Makes a directory in it.</summary>
    public string Add(string name) => Directory.CreateDirectory(Path.Combine(FullPath, name)).FullName;

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
