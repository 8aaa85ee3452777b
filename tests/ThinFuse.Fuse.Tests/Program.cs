using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests;

/// <summary>Serves the memory file system on a mount point, over a transport, until it is unmounted. Prints one line when it serves, or why it does not.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        try
        {
            FuseSessionOptions session = TransportName.Parse(arguments[1]);
            MemoryFileSystem fileSystem = new();
            using FuseMount mount = FuseMount.Mount(
                arguments[0], new FuseMountOptions { Source = "memory", Session = session }, fileSystem, NullLogger.Instance);
            Console.WriteLine("serving");
            _ = SayWhenWaitingAsync(fileSystem);
            mount.Wait();
            Console.WriteLine("unmounted");
            return 0;
        }
        catch (FuseMountException exception)
        {
            Console.WriteLine(exception.Message);
            return 1;
        }
    }

    /// <summary>So that a test knows when a read waits.</summary>
    private static async Task SayWhenWaitingAsync(MemoryFileSystem fileSystem)
    {
        await fileSystem.Parked.WaitAsync().ConfigureAwait(false);
        Console.WriteLine("waiting");
    }
}
