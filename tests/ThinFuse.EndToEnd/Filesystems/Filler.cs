using System.Security.Cryptography;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Filesystems;

/// <summary>Writes a file piece by piece, each synced before the next, until an error comes; knows what was synced.</summary>
internal sealed class Filler
{
    /// <summary>One piece.</summary>
    public const int PieceBytes = 1 << 20;

    private readonly string _path;
    private readonly List<byte[]> _synced = [];

    private Filler(string path) => _path = path;

    /// <summary>How many pieces were written and synced without an error.</summary>
    public int SyncedPieces => _synced.Count;

    /// <summary>What write or fsync said at last; 0 when all pieces were written.</summary>
    public int ErrorNumber { get; private set; }

    /// <summary>Fills a file with random bytes, from its beginning.</summary>
    public static Filler Fill(string path, Random random, int maxPieces = 2048)
    {
        Filler filler = new(path);
        byte[] piece = new byte[PieceBytes];
        using RawFile file = RawFile.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        while (filler._synced.Count < maxPieces)
        {
            random.NextBytes(piece);
            long offset = (long)filler._synced.Count * PieceBytes;
            long written = file.Write(offset, piece);
            long synced = written == PieceBytes ? file.Sync() : written < 0 ? written : -Errno.ENOSPC;
            if (synced < 0)
            {
                filler.ErrorNumber = (int)-synced;
                return filler;
            }

            filler._synced.Add(SHA256.HashData(piece));
        }

        return filler;
    }

    /// <summary>Fails the test unless every synced piece is in the file.</summary>
    public void MustBeIntact()
    {
        byte[] piece = new byte[PieceBytes];
        using RawFile file = RawFile.Open(_path, OpenFlags.ReadOnly);
        for (int i = 0; i < _synced.Count; i++)
        {
            file.Read((long)i * PieceBytes, piece).Should().Be(PieceBytes);
            SHA256.HashData(piece).Should().Equal(_synced[i], $"piece {i} was synced");
        }
    }
}
