using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests;

/// <summary>Serves the memory file system on a mount point until it is unmounted. Prints one line when it serves, or why it does not.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        try
        {
            using FuseMount mount = FuseMount.Mount(
                arguments[0], new FuseMountOptions { Source = "memory" }, new MemoryFileSystem(), NullLogger.Instance);
            Console.WriteLine("serving");
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
}
