using Microsoft.Extensions.Logging.Abstractions;
using ThinFuse.FaultyDisk;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;

// FILE MNT FAULTS: serves FILE as MNT/disk until it is unmounted, but for what the lines of FAULTS say is bad. Prints a line when it serves.
using ServedDisk disk = new(args[0], new FaultFile(args[2]));
using FuseMount mount = FuseMount.Mount(
    args[1],
    new FuseMountOptions
    {
        Source = args[0],
        Subtype = "faulty-disk",
        AllowOther = Environment.IsPrivilegedProcess,

        // What hangs holds its thread.
        Session = new FuseSessionOptions { UsesRings = false },
    },
    new DiskFileSystem(disk),
    NullLogger.Instance);
Console.WriteLine("serving");
await mount.WaitAsync(CancellationToken.None);
