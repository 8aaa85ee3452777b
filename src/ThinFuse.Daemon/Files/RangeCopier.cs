using ThinFuse.Pool;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files;

/// <summary>Copies ranges between volumes for copy_file_range(2). Thread-safe; blocks for the I/O.</summary>
internal sealed class RangeCopier(ThinPool pool)
{
    private const int StepBytes = 1 << 20;

    /// <summary>
    /// How much data one call moves; the caller of copy_file_range goes on after a short copy, and may be interrupted in between.
    /// </summary>
    private const long MaxDataBytes = 32L << 20;

    /// <summary>
    /// Copies, and returns how many bytes were: fewer than asked for at the source's end, after much data, and where space ran out on
    /// the way.
    /// A whole volume into an empty one is cloned, at no cost. Holes stay holes.
    /// </summary>
    /// <exception cref="PoolException">NoSpace, before anything was copied; Usage: the target is a snapshot, or would be too
    /// large.</exception>
    public long Copy(VolumeHandle source, long sourceOffsetBytes, VolumeHandle target, long targetOffsetBytes, long lengthBytes)
    {
        long sourceBytes = source.SizeBytes;
        long wantedBytes = Math.Min(lengthBytes, sourceBytes - sourceOffsetBytes);
        if (wantedBytes <= 0)
        {
            return 0;
        }

        bool isWhole = sourceOffsetBytes == 0 && targetOffsetBytes == 0 && wantedBytes == sourceBytes;
        if (isWhole && target.SizeBytes == 0 && pool.TryCloneInto(source, target))
        {
            return wantedBytes;
        }

        using AlignedBuffer buffer = new(StepBytes);
        long doneBytes = 0;
        long dataBytes = 0;
        try
        {
            while (doneBytes < wantedBytes && dataBytes < MaxDataBytes)
            {
                long from = sourceOffsetBytes + doneBytes;
                long to = targetOffsetBytes + doneBytes;
                long holeBytes = HoleAt(source, from, wantedBytes - doneBytes);
                if (holeBytes > 0)
                {
                    CopyHole(target, to, holeBytes);
                    doneBytes += holeBytes;
                    continue;
                }

                long runBytes = Math.Min(source.SeekHole(from) - from, wantedBytes - doneBytes);
                int readBytes = source.Read(from, buffer.Span[..(int)Math.Min(runBytes, StepBytes)]);
                if (readBytes == 0)
                {
                    break;
                }

                target.Write(to, buffer.Span[..readBytes]);
                doneBytes += readBytes;
                dataBytes += readBytes;
            }
        }
        catch (PoolException refusal) when (refusal.Kind == PoolErrorKind.NoSpace && doneBytes > 0)
        {
            // The part that fitted is reported; the caller's next call begins where space ran out, and is refused.
        }

        return doneBytes;
    }

    private static long HoleAt(VolumeHandle source, long offsetBytes, long limitBytes)
    {
        long data = source.SeekData(offsetBytes);
        return data < 0 ? limitBytes : Math.Min(data - offsetBytes, limitBytes);
    }

    /// <summary>
    /// Makes a range of the target read as zero, extending it as a write would; what is a hole there already is left alone.
    /// </summary>
    private static void CopyHole(VolumeHandle target, long offsetBytes, long lengthBytes)
    {
        long endBytes = offsetBytes + lengthBytes;
        long data = target.SeekData(offsetBytes);
        if (data >= 0 && data < endBytes)
        {
            target.Punch(offsetBytes, lengthBytes);
        }

        if (endBytes > target.SizeBytes)
        {
            target.Resize((endBytes + Geometry.SectorBytes - 1) / Geometry.SectorBytes * Geometry.SectorBytes);
        }
    }
}
