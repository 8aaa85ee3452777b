namespace ThinFuse.Daemon.Files.Handles;

/// <summary>A file open on a volume or snapshot.</summary>
/// <param name="volume">The volume.</param>
/// <param name="isWriter">Whether it was opened for writing, and counts as a writer until it is released.</param>
internal sealed class OpenVolumeFile(OpenVolume volume, bool isWriter) : IOpenHandle
{
    private int _changed;

    /// <summary>The volume.</summary>
    public OpenVolume Volume => volume;

    /// <summary>Whether it counts as a writer of the volume.</summary>
    public bool IsWriter => isWriter;

    /// <summary>Says that data changed through this file, so that closing it flushes.</summary>
    public void MarkChanged() => Volatile.Write(ref _changed, 1);

    /// <summary>Whether data changed since the last call, which is forgotten. Changes that come later count anew.</summary>
    public bool TakeChanged() => Interlocked.Exchange(ref _changed, 0) != 0;
}
