using System.Text;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Daemon.Tree;
using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>The extended attributes of volumes and snapshots, as <c>getfattr -d</c> shows them. All but the reserve are read-only.</summary>
internal static class ExtendedAttributes
{
    private const string Prefix = "user.thinfuse.";
    private const string Origin = Prefix + "origin";
    private const string OriginFile = Prefix + "origin_file";
    private const string Hydrated = Prefix + "hydrated";
    private const string Allocated = Prefix + "allocated";
    private const string Exclusive = Prefix + "exclusive";
    private const string Reserved = Prefix + "reserved";

    /// <summary>What is kept ready: none, full or bytes. It can be set.</summary>
    public const string Reserve = Prefix + "reserve";
    private const string Kind = Prefix + "kind";
    private const string Generation = Prefix + "generation";
    private const string Holds = Prefix + "holds";

    /// <summary>The names that a volume has, each ended by a zero byte. Without an origin, or a hold, there is none to show.</summary>
    public static byte[] List(VolumeInfo volume)
    {
        IEnumerable<string> names = [Allocated, Exclusive, Generation, Kind, Reserve, Reserved];
        names = volume.Origin is null ? names : names.Append(Origin);
        names = volume.Holds.Count == 0 ? names : names.Append(Holds);
        names = volume.ExternalOrigin is null ? names : names.Concat([OriginFile, Hydrated]);
        return Encoding.ASCII.GetBytes(string.Concat(names.Select(name => name + "\0")));
    }

    /// <summary>A value, or null when the volume has no such attribute.</summary>
    public static byte[]? Read(ThinPool pool, VolumeInfo volume, string name)
    {
        string? value = name switch
        {
            Origin => volume.Origin,
            OriginFile => volume.ExternalOrigin?.Path,
            Hydrated => volume.ExternalOrigin is { } origin ? TreeText.Of(origin.HydratedBytes) : null,
            Allocated => TreeText.Of(volume.AllocatedBytes),
            Exclusive => TreeText.Of((pool.Find(volume.Id, withExclusive: true) ?? volume).ExclusiveBytes),
            Reserved => TreeText.Of(volume.ReservedBytes),
            Reserve => Reserves.TextOf(volume.Reserve),
            Kind => VolumeWords.Of(volume.Kind),
            Generation => volume.Generation.ToString(),
            Holds when volume.Holds.Count != 0 => VolumeWords.HoldsOf(volume),
            _ => null,
        };
        return value is null ? null : Encoding.UTF8.GetBytes(value);
    }
}
