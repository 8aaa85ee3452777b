using System.Globalization;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Volume;

/// <summary>Volumes and snapshots for people.</summary>
internal static class VolumeTable
{
    public static TextTable Of(IReadOnlyList<VolumeResponse> volumes)
    {
        TextTable table = new(
            new TextColumn("name"),
            new TextColumn("kind"),
            new TextColumn("origin"),
            new TextColumn("size", IsRight: true),
            new TextColumn("allocated", IsRight: true),
            new TextColumn("exclusive", IsRight: true),
            new TextColumn("shared", IsRight: true),
            new TextColumn("reserved", IsRight: true),
            new TextColumn("created (UTC)"));
        foreach (VolumeResponse volume in volumes)
        {
            table.Add(
                volume.Name,
                volume.Kind == VolumeKind.Snapshot ? "snapshot" : "volume",
                volume.Origin ?? OriginText(volume),
                Size.ToText(volume.SizeBytes),
                Size.ToText(volume.AllocatedBytes),
                Size.ToText(volume.ExclusiveBytes),
                Size.ToText(volume.SharedBytes),
                Size.ToText(volume.ReservedBytes),
                volume.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        }

        return table;
    }

    /// <summary>The file that it reads through to, with what is to know about that.</summary>
    private static string OriginText(VolumeResponse volume)
    {
        if (volume.OriginFile is not { } file)
        {
            return "-";
        }

        string done = string.Create(
            CultureInfo.InvariantCulture, $"{100 * (double)volume.HydratedBytes.GetValueOrDefault() / Math.Max(1, volume.OriginBytes.GetValueOrDefault()):f0}%");
        return volume.OriginTrouble is not null && volume.Hydration != HydrationState.Failed ? $"{file} (missing)"
            : volume.Hydration == HydrationState.Off ? file
            : volume.Hydration == HydrationState.Waiting ? $"{file} ({done} hydrated, waiting for space)"
            : $"{file} ({done} hydrated, {volume.Hydration.ToString()!.ToLowerInvariant()})";
    }
}
