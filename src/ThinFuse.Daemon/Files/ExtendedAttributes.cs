using System.Text;
using ThinFuse.Daemon.Tree;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>The extended attributes of volumes and snapshots, as <c>getfattr -d</c> shows them. Read-only.</summary>
internal static class ExtendedAttributes
{
    private const string Prefix = "user.thinfuse.";
    private const string Origin = Prefix + "origin";
    private const string Allocated = Prefix + "allocated";
    private const string Exclusive = Prefix + "exclusive";
    private const string Reserved = Prefix + "reserved";
    private const string Kind = Prefix + "kind";

    /// <summary>The names that a volume has, each ended by a zero byte. Without an origin there is none to show.</summary>
    public static byte[] List(VolumeInfo volume)
    {
        string[] always = [Allocated, Exclusive, Kind, Reserved];
        IEnumerable<string> names = volume.Origin is null ? always : always.Prepend(Origin);
        return Encoding.ASCII.GetBytes(string.Concat(names.Select(name => name + "\0")));
    }

    /// <summary>A value, or null when the volume has no such attribute.</summary>
    public static byte[]? Read(ThinPool pool, VolumeInfo volume, string name)
    {
        string? value = name switch
        {
            Origin => volume.Origin,
            Allocated => TreeText.Of(volume.AllocatedBytes),
            Exclusive => TreeText.Of((pool.Find(volume.Id, withExclusive: true) ?? volume).ExclusiveBytes),
            Reserved => TreeText.Of(volume.ReservedBytes),
            Kind => VolumeWords.Of(volume.Kind),
            _ => null,
        };
        return value is null ? null : Encoding.UTF8.GetBytes(value);
    }
}
