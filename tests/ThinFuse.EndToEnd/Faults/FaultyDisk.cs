using System.Globalization;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Faults;

/// <summary>A disk of a process of its own, places of which are bad when the test says so. It is a file, for a pool's node or a loop device.</summary>
internal sealed class FaultyDisk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _home;
    private readonly RunningTool _server;
    private readonly List<string> _faults = [];

    /// <summary>Serves an empty disk.</summary>
    public FaultyDisk(Scratch scratch, long sizeBytes)
    {
        _home = scratch.NewDirectory("disk");
        MountPoint = Path.Combine(_home, "mnt");
        Directory.CreateDirectory(MountPoint);
        using (FileStream backing = File.Create(Backing))
        {
            backing.SetLength(sizeBytes);
        }

        string program = System.IO.Path.Combine(ThinFuseProgram.Repository, "tests", "ThinFuse.FaultyDisk", "bin", Configuration, "net10.0", "ThinFuse.FaultyDisk");
        _server = Tool.Start(program, [Backing, MountPoint, FaultFile]);
        scratch.RecordProcess(_server.Pid);
        Waiting.Until("the disk serves", () => MountEntry.IsMounted(MountPoint) && File.Exists(DiskPath), () => _server.HasEnded);
    }

    /// <summary>The disk.</summary>
    public string DiskPath => Path.Combine(MountPoint, "disk");

    /// <summary>What is really on it.</summary>
    public string Backing => Path.Combine(_home, "backing");

    private string MountPoint { get; }

    private string FaultFile => Path.Combine(_home, "faults");

    private static string Configuration => AppContext.BaseDirectory.Contains("/Debug/", StringComparison.Ordinal) ? "Debug" : "Release";

    /// <summary>Makes a range bad, for reads, writes or both.</summary>
    public void Break(long offsetBytes, long lengthBytes, bool reads, bool writes, int errno = Errno.EIO)
    {
        foreach (string kind in new[] { reads ? "read" : "", writes ? "write" : "" }.Where(kind => kind.Length > 0))
        {
            _faults.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} {offsetBytes} {offsetBytes + lengthBytes} {errno}"));
        }

        Write();
    }

    /// <summary>Has every flush fail from now on.</summary>
    public void BreakFlushes()
    {
        _faults.Add(string.Create(CultureInfo.InvariantCulture, $"flush {Errno.EIO}"));
        Write();
    }

    /// <summary>Makes all of it good again.</summary>
    public void Mend()
    {
        _faults.Clear();
        Write();
    }

    /// <summary>Has it answer nothing, until what is returned is disposed.</summary>
    public IDisposable Hang() => new StoppedProcess(_server.Pid);

    /// <summary>Ends its process, as when a disk is pulled out.</summary>
    public void Vanish() => Leftovers.Kill(_server.Pid);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (MountEntry.IsMounted(MountPoint))
        {
            Tool.Run(Patience, Environment.IsPrivilegedProcess ? "umount" : "fusermount3", Environment.IsPrivilegedProcess ? ["-l", MountPoint] : ["-u", "-z", MountPoint]).MustSucceed();
        }

        _server.Dispose();
    }

    /// <summary>In one step, so that the disk never sees half of it.</summary>
    private void Write()
    {
        string next = FaultFile + ".next";
        File.WriteAllLines(next, _faults);
        File.Move(next, FaultFile, overwrite: true);
    }
}
