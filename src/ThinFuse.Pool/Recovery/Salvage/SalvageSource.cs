using ThinFuse.Pool.Exceptions.Salvage;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery.Salvage;

/// <summary>All that can still be proven of a damaged pool's exceptions and changes, oldest first. Can be gone through several times.</summary>
internal sealed class SalvageSource
{
    private readonly TableLogReader _log;
    private readonly JournalSalvage? _journal;

    /// <exception cref="PoolException">Damaged: the checkpoint of the table is gone, without which nothing says what its log holds.</exception>
    public SalvageSource(IStorage storage, Superblock superblock)
    {
        try
        {
            _log = new TableLogReader(storage, PoolLayout.TableDirectory, superblock.TableToken);
        }
        catch (InvalidDataException e)
        {
            throw new PoolException(
                PoolErrorKind.Damaged, $"nothing says which records of the exception table count ({e.Message.TrimEnd('.')}); restore a dump", e);
        }

        _journal = superblock.IsClosed
            ? null
            : new JournalSalvage(
                storage, PoolLayout.JournalDirectory, superblock.PoolId, superblock.JournalGeneration, superblock.FirstSequence,
                superblock.BootId == storage.BootId);
    }

    /// <summary>Parts of the table's log that are gone; after <see cref="Run"/>.</summary>
    public IReadOnlyList<LogDamage> LogDamage => _log.Damage;

    /// <summary>Records of the journal that are gone, though later ones are there; after <see cref="Run"/>.</summary>
    public IReadOnlyList<(long First, long Last)> JournalGaps => _journal?.Gaps ?? [];

    /// <summary>Goes through all of it.</summary>
    /// <param name="group">Is handed each record of the table: 32 exceptions, or none when the group is gone.</param>
    /// <param name="exception">Is handed each exception of the journal.</param>
    /// <param name="apply">Is handed the lists of entries of the journal with what takes their exceptions; may throw <see cref="InvalidDataException"/>.</param>
    /// <param name="failed">Is told of each record of the journal that could not be applied.</param>
    public void Run(TableLogReader.Visitor group, ApplyException exception, Action<ReadOnlyMemory<byte>, ApplyException> apply, Action<long, string> failed)
    {
        _log.Run(group);
        EntryAssembler assembler = new();
        _journal?.Run((sequence, kind, payload) =>
        {
            try
            {
                byte[] entries = assembler.Take(kind, payload).ToArray();
                apply(entries, exception);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or InvalidOperationException)
            {
                failed(sequence, e.Message);
            }
        });
    }
}
