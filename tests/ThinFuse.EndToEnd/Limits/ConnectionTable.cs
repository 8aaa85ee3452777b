using System.Globalization;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Limits;

/// <summary>What the kernel tells of FUSE connections, mounted for as long as this lives, at a place of the test's own. Needs root.</summary>
internal sealed class ConnectionTable : IDisposable
{
    private readonly string _directory;

    public ConnectionTable(Scratch scratch)
    {
        _directory = scratch.NewDirectory("fusectl");
        Tool.Run("mount", "-t", "fusectl", "fusectl", _directory).MustSucceed();
    }

    /// <summary>The requests of a mount that are not answered. Its connection has the minor number of its device.</summary>
    public int RequestsUnderWay(string mountPoint)
    {
        string mount = File.ReadLines("/proc/self/mountinfo").Single(line => line.Split(' ')[4] == mountPoint);
        return int.Parse(File.ReadAllText(Path.Combine(_directory, mount.Split(' ')[2].Split(':')[1], "waiting")), CultureInfo.InvariantCulture);
    }

    public void Dispose() => Tool.Run("umount", _directory).MustSucceed();
}
