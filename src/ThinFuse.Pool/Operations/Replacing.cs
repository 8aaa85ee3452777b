using System.Runtime.ExceptionServices;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tree;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Operations;

/// <summary>Lets work on a chunk begin anew when it met an extent that cannot be written: first the chunk is moved off it, a few times at most.</summary>
internal struct Replacing(Remapper remaps)
{
    private const int MaxCount = 3;

    private int _count;
    private StorageException? _met;

    /// <summary>Whether the error is one that moving off a bad extent may cure; a filter, for whoever works still holds claims then.</summary>
    public bool Takes(StorageException error)
    {
        if (error.BadExtent < 0 || _count == MaxCount)
        {
            return false;
        }

        _count++;
        _met = error;
        return true;
    }

    /// <summary>Moves the layer's chunk off what was met last; see <see cref="Remapper.TryReplace(Layer, long, long)"/>.</summary>
    /// <exception cref="StorageException">That cannot be done: the error that was met.</exception>
    public readonly void Replace(Layer layer, long chunk) => MustBe(remaps.TryReplace(layer, chunk, _met!.BadExtent));

    /// <summary>The same for whichever of two layers has the chunk there.</summary>
    public readonly void Replace(Layer one, long extentOfOne, Layer other, long chunk) =>
        Replace(_met!.BadExtent == extentOfOne ? one : other, chunk);

    /// <summary>The same for a volume's head; its gate is passed for it.</summary>
    public readonly void Replace(Volume volume, long chunk) => MustBe(remaps.TryReplace(volume, chunk, _met!.BadExtent));

    private readonly void MustBe(bool replaced)
    {
        if (!replaced)
        {
            ExceptionDispatchInfo.Throw(_met!);
        }
    }
}
