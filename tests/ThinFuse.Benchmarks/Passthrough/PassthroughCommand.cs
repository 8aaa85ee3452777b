using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Benchmarks.CommandLine;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary><c>passthrough FILE MNT</c>: the bare transport, serving one plain file. What the engine costs is measured against it.</summary>
internal sealed class PassthroughCommand : BenchmarkCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file to serve; it shows under its own name." };
    private readonly Argument<string> _mountPoint = new("MNT") { Description = "An empty directory." };

    private readonly Option<string> _transport = new("--transport")
    {
        Description = "How requests reach it: dev or uring.",
        DefaultValueFactory = _ => Transports.Device,
    };

    public PassthroughCommand()
        : base("passthrough", "Serve one plain file over the bare transport, until it is unmounted. Prints a line when it serves.")
    {
        Add(_file);
        Add(_mountPoint);
        _transport.AcceptOnlyFromAmong(Transports.Device, Transports.Uring);
        Add(_transport);
    }

    protected override int Run(ParseResult parse, CancellationToken cancel)
    {
        string path = parse.GetRequiredValue(_file);
        using ServedFile file = new(path);
        PassthroughFileSystem files = new(file, Path.GetFileName(path));
        FuseMountOptions options = new()
        {
            Source = path,
            Subtype = "thinfuse-bench",
            Session = new FuseSessionOptions
            {
                Transport = parse.GetRequiredValue(_transport) == Transports.Uring ? FuseTransportKind.Uring : FuseTransportKind.Device,
            },
        };
        using FuseMount mount = FuseMount.Mount(parse.GetRequiredValue(_mountPoint), options, files, NullLogger.Instance);
        Console.WriteLine("serving");
        mount.WaitAsync(cancel).GetAwaiter().GetResult();
        return 0;
    }
}
