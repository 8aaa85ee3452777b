using ThinFuse.Fuse.Serving;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>A transport as a word, for a server in a process of its own.</summary>
internal static class TransportName
{
    public const string Uring = nameof(FuseTransportKind.Uring);
    public const string Device = nameof(FuseTransportKind.Device);

    /// <summary>The device, and a thread for each request.</summary>
    public const string Threads = "Threads";

    public static string Of(FuseSessionOptions options) => options.UsesRings ? options.Transport.ToString() : Threads;

    public static FuseSessionOptions Parse(string name) => name == Threads
        ? new FuseSessionOptions { UsesRings = false }
        : new FuseSessionOptions { Transport = Enum.Parse<FuseTransportKind>(name) };
}
