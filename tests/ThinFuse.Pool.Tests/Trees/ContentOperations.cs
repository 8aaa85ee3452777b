using ThinFuse.Pool.Tests.Engine;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What changes one volume's content or size.</summary>
internal sealed class ContentOperations(WorkloadContext context)
{
    private int Unit => context.Settings.IsExact || context.Random.Next(2) == 0 ? Geometry.SectorBytes : 1;

    /// <summary>Writes, perhaps past the end. What is promised is never refused.</summary>
    internal Done? Write()
    {
        if (context.AnyWritable() is not { } name)
        {
            return null;
        }

        (int offset, int length) = context.Range(name, context.Settings.MaxWriteBytes, Unit);
        if (offset + length > context.Settings.MaxVolumeBytes)
        {
            return null;
        }

        byte[] data = TestPool.Pattern(context.Random.Next(), length);
        bool isPromised = IsPromised(name, offset, offset + length);
        try
        {
            context.With(name, handle => handle.Write(offset, data).Should().Be(length));
        }
        catch (PoolException e) when (isPromised)
        {
            throw new InvalidOperationException($"a promised write of {name} {offset}+{length} was refused", e);
        }

        context.Model.Content.Write(name, offset, data);
        return new Done($"write {name} {offset}+{length}", IsDurable: false);
    }

    internal Done? Punch()
    {
        if (context.AnyWritable() is not { } name)
        {
            return null;
        }

        Geometry geometry = context.Pool.Geometry;
        (int offset, int length) = context.Range(name, 2 * context.Settings.MaxWriteBytes, context.Settings.IsExact ? geometry.BlockBytes : Unit);
        context.With(name, handle => handle.Punch(offset, length));
        int size = context.Model.Content[name].Length;
        int end = Math.Min(size, offset + length);
        context.Model.Content.Punch(name, offset, length);
        if (end > offset)
        {
            long endChunk = end == size ? geometry.ChunksFor(end) : geometry.ChunkOf(end);
            context.Model.Promises.Release(name, chunk => chunk >= geometry.ChunksFor(offset) && chunk < endChunk);
        }

        return new Done($"punch {name} {offset}+{length}", IsDurable: false);
    }

    /// <summary>Has the volume own a range, zeros and all.</summary>
    internal Done? Allocate()
    {
        if (context.AnyWritable() is not { } name)
        {
            return null;
        }

        (int offset, int length) = context.Range(name, context.Settings.MaxWriteBytes, Unit);
        context.With(name, handle => handle.Allocate(offset, length));
        return new Done($"allocate {name} {offset}+{length}", IsDurable: false);
    }

    internal Done? Resize()
    {
        if (context.AnyWritable() is not { } name)
        {
            return null;
        }

        int size = context.Random.Next((context.Settings.MaxVolumeBytes / Geometry.SectorBytes) + 1) * Geometry.SectorBytes;
        context.Pool.Resize(name, size);
        context.Model.Content.Resize(name, size);
        context.Model.CutPromise(name, context.Pool.Geometry);
        return new Done($"resize {name} {size}", IsDurable: true);
    }

    private bool IsPromised(string name, int offset, int end)
    {
        Geometry geometry = context.Pool.Geometry;
        HashSet<long> promised = [.. context.Model.Promises.Promised(context.Pool, name)];
        return end <= context.Model.Content[name].Length && (context.Settings.IsStrict || PromisedRange().All(promised.Contains));

        IEnumerable<long> PromisedRange() => Reservations.PromiseModel.Range(geometry.ChunkOf(offset), geometry.ChunksFor(end));
    }
}
