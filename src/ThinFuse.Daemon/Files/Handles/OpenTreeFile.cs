namespace ThinFuse.Daemon.Files.Handles;

/// <summary>A file of the status tree, with the content it had when it was opened.</summary>
internal sealed class OpenTreeFile(byte[] content) : IOpenHandle
{
    /// <summary>What it holds from an offset on, at most so many bytes.</summary>
    public ReadOnlySpan<byte> Read(long offsetBytes, int lengthBytes)
    {
        int from = (int)Math.Min(offsetBytes, content.Length);
        return content.AsSpan(from, Math.Min(lengthBytes, content.Length - from));
    }
}
