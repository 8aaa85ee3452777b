using ThinFuse.Cli.Native;

namespace ThinFuse.Cli.Engine;

/// <summary>stdin and stdout of commands that read or write bytes instead of text.</summary>
/// <param name="OpenInput">The bytes that come in; a read that waits ends with the token.</param>
/// <param name="OpenOutput">Where bytes go; a broken pipe is an <see cref="IOException"/>.</param>
/// <param name="IsInputTerminal">Whether a person would have to type them.</param>
/// <param name="IsOutputTerminal">Whether a person would see them.</param>
internal sealed record StandardStreams(
    Func<CancellationToken, Stream> OpenInput, Func<CancellationToken, Stream> OpenOutput, bool IsInputTerminal, bool IsOutputTerminal)
{
    /// <summary>Those of this process.</summary>
    public static StandardStreams OfProcess => new(
        cancel => new DescriptorStream(0, cancel), cancel => new DescriptorStream(1, cancel), !Console.IsInputRedirected, !Console.IsOutputRedirected);
}
