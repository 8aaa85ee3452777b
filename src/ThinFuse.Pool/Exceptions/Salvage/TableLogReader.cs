using System.Runtime.CompilerServices;
using FASTER.core;
using ThinFuse.Pool.Exceptions.Checkpoints;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Exceptions.Records;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Exceptions.Salvage;

/// <summary>
/// Reads the log of a checkpoint without the store: every record that lies in blocks which are what was written, so that of the records of one key the
/// newest counts. Damage ends nothing: it is noted, and what it covers is passed over. Changes nothing.
/// </summary>
internal sealed class TableLogReader
{
    /// <summary>Where the first record ever lies; all other pages begin with one.</summary>
    private const int FirstAddress = 64;
    private const int HeaderBytes = sizeof(long);

    private static readonly ChunkException[] Nothing = new ChunkException[IExceptionTable.GroupChunks];

    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly CheckpointImage _image;
    private readonly List<LogDamage> _damage = [];

    /// <exception cref="InvalidDataException">The checkpoint is missing or damaged.</exception>
    public TableLogReader(IStorage storage, string directory, Guid token)
    {
        _storage = storage;
        _directory = directory;
        _image = new CheckpointStore(storage, directory).Read(token);
    }

    /// <summary>Is handed a record.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="exceptions">What it holds; nothing when it says that the group is gone.</param>
    /// <param name="address">Where it lies in the log: later records have larger ones.</param>
    public delegate void Visitor(GroupKey key, ReadOnlySpan<ChunkException> exceptions, long address);

    /// <summary>The parts of the log that the last <see cref="Run"/> found to be missing, unreadable, or not what was written.</summary>
    public IReadOnlyList<LogDamage> Damage => _damage;

    /// <summary>Goes through the whole log, oldest records first, or newest.</summary>
    public void Run(Visitor visitor, bool newestFirst = false)
    {
        _damage.Clear();
        long pages = (_image.FinalAddress - _image.ProtectedBegin + _image.PageBytes - 1) / _image.PageBytes;
        byte[] page = new byte[_image.PageBytes];
        bool[] sound = new bool[_image.PageBytes / LogBlock.Bytes];
        IStorageFile? file = null;
        int openId = -1;
        try
        {
            for (long i = 0; i < pages; i++)
            {
                long address = _image.ProtectedBegin + ((newestFirst ? pages - 1 - i : i) * _image.PageBytes);
                int id = (int)(address / _image.SegmentBytes);
                if (id != openId)
                {
                    file?.Dispose();
                    file = Open(id);
                    openId = id;
                }

                Load(file, address, page, sound);
                Visit(address, page, sound, visitor, newestFirst);
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    private IStorageFile? Open(int id)
    {
        string path = $"{_directory}/{TableFiles.Segment(id)}";
        return _storage.Exists(path) ? _storage.Open(path, StorageOpenMode.Read, StorageCaching.Cached) : null;
    }

    private void Load(IStorageFile? file, long pageAddress, byte[] page, bool[] sound)
    {
        int writtenBytes = (int)Math.Clamp(_image.TailAddress - pageAddress, 0, page.Length);
        Array.Clear(page, writtenBytes, page.Length - writtenBytes);
        bool isRead = file is not null && TryRead(file, pageAddress % _image.SegmentBytes, page.AsSpan(0, writtenBytes));
        for (int block = 0; block < sound.Length; block++)
        {
            long address = pageAddress + ((long)block * LogBlock.Bytes);
            Span<byte> bytes = page.AsSpan(block * LogBlock.Bytes, LogBlock.Bytes);
            if (address >= _image.TailAddress)
            {
                // The last block is part of the checkpoint, whose checksum was right; behind it is nothing.
                sound[block] = true;
                if (address == _image.TailAddress)
                {
                    _image.Tail.CopyTo(bytes);
                }

                continue;
            }

            sound[block] = (isRead || (file is not null && TryRead(file, address % _image.SegmentBytes, bytes)))
                && LogBlock.Checksum(bytes) == _image.Checksums[(address - _image.ProtectedBegin) / LogBlock.Bytes];
            if (!sound[block])
            {
                Note(address);
            }
        }
    }

    private static bool TryRead(IStorageFile file, long offsetBytes, Span<byte> bytes)
    {
        try
        {
            file.Read(offsetBytes, bytes);
            return true;
        }
        catch (StorageException e) when (e.ErrorNumber == Errno.EIO)
        {
            return false;
        }
    }

    private void Note(long address)
    {
        string path = $"{_directory}/{TableFiles.Segment((int)(address / _image.SegmentBytes))}";
        if (_damage.Count > 0 && _damage[^1] is { } last && last.Path == path && last.Address + last.LengthBytes == address)
        {
            _damage[^1] = last with { LengthBytes = last.LengthBytes + LogBlock.Bytes };
        }
        else
        {
            _damage.Add(new LogDamage(path, address, address % _image.SegmentBytes, LogBlock.Bytes));
        }
    }

    private void Visit(long pageAddress, byte[] page, bool[] sound, Visitor visitor, bool newestFirst)
    {
        int first = pageAddress == 0 ? FirstAddress : 0;
        int records = (page.Length - first) / GroupRecord.LoggedBytes;
        for (int i = 0; i < records; i++)
        {
            int offset = first + ((newestFirst ? records - 1 - i : i) * GroupRecord.LoggedBytes);
            long address = pageAddress + offset;
            bool isWhole = address >= _image.BeginAddress && address + GroupRecord.LoggedBytes <= _image.FinalAddress
                && sound[offset / LogBlock.Bytes] && sound[(offset + GroupRecord.LoggedBytes - 1) / LogBlock.Bytes];
            if (!isWhole)
            {
                continue;
            }

            ref byte bytes = ref page.AsSpan(offset, GroupRecord.LoggedBytes)[0];
            RecordInfo info = Unsafe.ReadUnaligned<RecordInfo>(ref bytes);
            if (info.Valid)
            {
                // All of these are packed: none needs to lie at a multiple of anything.
                GroupKey key = Unsafe.ReadUnaligned<GroupKey>(ref Unsafe.Add(ref bytes, HeaderBytes));
                ref GroupRecord record = ref Unsafe.As<byte, GroupRecord>(ref Unsafe.Add(ref bytes, GroupRecord.LoggedBytes - GroupRecord.SizeBytes));
                ReadOnlySpan<ChunkException> exceptions = info.Tombstone ? Nothing : record;
                visitor(key, exceptions, address);
            }
        }
    }
}
