using ThinFuse.Fuse.Serving;

namespace ThinFuse.Cli.Mount;

/// <summary>How a transport is named on the command line.</summary>
internal static class TransportName
{
    public const string Option = "--transport";

    private const string Automatic = "auto";
    private const string Device = "dev";
    private const string Uring = "uring";

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string text, out FuseTransportKind transport, out string problem)
    {
        FuseTransportKind? named = text switch
        {
            Automatic => FuseTransportKind.Automatic,
            Device => FuseTransportKind.Device,
            Uring => FuseTransportKind.Uring,
            _ => null,
        };
        transport = named ?? default;
        problem = named is null ? $"'{text}' is not a transport; use auto, dev or uring" : "";
        return named is not null;
    }

    /// <summary>Writes it as <see cref="TryParse"/> reads it.</summary>
    public static string Of(FuseTransportKind transport) => transport switch
    {
        FuseTransportKind.Device => Device,
        FuseTransportKind.Uring => Uring,
        _ => Automatic,
    };
}
