namespace ThinFuse.Pool.Tests.Storage;

/// <summary>A directory of a test's own, gone with everything in it when disposed.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory(string? parent = null)
    {
        FullPath = Path.Combine(parent ?? Path.GetTempPath(), "thinfuse-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(FullPath);
    }

    public string FullPath { get; }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
