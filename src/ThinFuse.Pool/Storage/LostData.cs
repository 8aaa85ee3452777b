namespace ThinFuse.Pool.Storage;

/// <summary>Stands for blocks that a bad disk has lost: every read of them is EIO, without asking a disk.</summary>
internal sealed class LostData : DataFile
{
    /// <summary>All of them.</summary>
    public static readonly LostData Instance = new();

    private LostData()
    {
    }

    public override string Path => "a block that a bad disk has lost";

    public override int Descriptor => -1;

    public override int AlignmentBytes => 1;

    public override void Read(long offsetBytes, Span<byte> buffer) => throw new StorageException(Errno.EIO, "read", Path);
}
