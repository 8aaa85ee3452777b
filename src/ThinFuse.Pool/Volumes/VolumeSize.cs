using ThinFuse.Pool.Metadata;

namespace ThinFuse.Pool.Volumes;

/// <summary>Changes of a volume's size that come from writing past its end.</summary>
internal static class VolumeSize
{
    /// <summary>Extends to hold <paramref name="endBytes"/>, rounded up to a sector; the record is journalled, not committed. The caller is inside the gate.</summary>
    public static void Extend(PoolCore core, Volume volume, long endBytes)
    {
        long sizeBytes = (endBytes + Geometry.SectorBytes - 1) & ~(Geometry.SectorBytes - 1L);
        lock (core.MetadataLock)
        {
            if (sizeBytes <= volume.Record.SizeBytes)
            {
                return;
            }

            VolumeRecord next = volume.Record with { SizeBytes = sizeBytes, ModifiedAtTicks = volume.ModifiedAtTicks };
            if (volume.IsDeleted)
            {
                // Nameless: nothing of it outlives its last handle, so nothing is journalled.
                volume.Record = next;
                return;
            }

            Span<byte> buffer = stackalloc byte[EntryWriter.MaxEntryBytes];
            EntryWriter entry = new(buffer);
            entry.VolumePut(next);
            core.Change(entry.Written);
        }
    }
}
