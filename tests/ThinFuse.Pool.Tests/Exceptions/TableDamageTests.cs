using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Exceptions.Checkpoints;
using ThinFuse.Pool.Exceptions.Log;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Tests.Simulation;

namespace ThinFuse.Pool.Tests.Exceptions;

public sealed class TableDamageTests
{
    private readonly SimulatedDisk _disk = new();
    private readonly TableModel _model = new(new Random(21), layers: 2, groupsPerLayer: 150);
    private readonly Guid _token;
    private readonly CheckpointImage _image;

    public TableDamageTests()
    {
        using (FasterExceptionTable table = FasterExceptionTable.Create(_disk, TableSizes.Directory, TableSizes.Tiny))
        {
            for (int round = 0; round < 4; round++)
            {
                _model.PutSome(table, 1500);
                _token = table.Checkpoint();
                table.PurgeOtherCheckpoints(_token);
            }
        }

        _image = new CheckpointStore(_disk, TableSizes.Directory).Read(_token);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_named_or_does_not_matter()
    {
        Random random = new(22);
        int named = 0;
        foreach (string name in _disk.List(TableSizes.Directory))
        {
            bool isCheckpoint = TableFiles.IsCheckpoint(name, out _);
            for (int i = 0; i < (isCheckpoint ? 150 : 40); i++)
            {
                SimulatedDisk disk = _disk.AfterKill(_disk.IoCount);
                using (IStorageFile file = disk.Open($"{TableSizes.Directory}/{name}", StorageOpenMode.ReadWrite, StorageCaching.Cached))
                {
                    // The first bytes of a checkpoint one by one; otherwise any.
                    long offset = isCheckpoint && i < 80 ? i : random.NextInt64(file.LengthBytes);
                    Flip(file, offset, random.Next(8));
                    if (Matters(name, offset))
                    {
                        MustBeNamed(disk, name, $"{name} at {offset}");
                        named++;
                        continue;
                    }
                }

                using FasterExceptionTable table = FasterExceptionTable.Recover(disk, TableSizes.Directory, _token, TableSizes.Tiny);
                _model.CheckAll(table, $"{name} has a byte changed that means nothing");
            }
        }

        named.Should().BeGreaterThan(200);
    }

    [Fact]
    public void A_file_that_was_cut_short_or_lost_is_named()
    {
        foreach (string name in _disk.List(TableSizes.Directory).Where(name => Matters(name, 0)))
        {
            string path = $"{TableSizes.Directory}/{name}";
            long[] lengths = [0, 1, 79, 80, 300, 4095];
            foreach (long length in lengths)
            {
                SimulatedDisk disk = _disk.AfterKill(_disk.IoCount);
                using (IStorageFile file = disk.Open(path, StorageOpenMode.ReadWrite, StorageCaching.Cached))
                {
                    file.SetLength(length);
                }

                if (Matters(name, length))
                {
                    MustBeNamed(disk, name, $"{name} cut to {length}");
                }
            }

            SimulatedDisk without = _disk.AfterKill(_disk.IoCount);
            without.Delete(path);
            MustBeNamed(without, name, $"{name} lost");
        }
    }

    [Fact]
    public void A_checkpoint_of_another_name_is_not_taken_for_this_one()
    {
        Guid other = Guid.NewGuid();
        _disk.Rename($"{TableSizes.Directory}/{TableFiles.Checkpoint(_token)}", $"{TableSizes.Directory}/{TableFiles.Checkpoint(other)}");
        FluentActions.Invoking(() => FasterExceptionTable.Recover(_disk, TableSizes.Directory, other, TableSizes.Tiny))
            .Should().Throw<InvalidDataException>().WithMessage($"*{TableFiles.Checkpoint(other)}*");
    }

    [Fact]
    public void Damage_below_a_running_table_is_an_error_and_never_wrong_data()
    {
        using FasterExceptionTable table = FasterExceptionTable.Recover(_disk, TableSizes.Directory, _token, TableSizes.Tiny);
        foreach (string name in _disk.List(TableSizes.Directory).Where(name => TableFiles.SegmentId(name) >= 0))
        {
            using IStorageFile file = _disk.Open($"{TableSizes.Directory}/{name}", StorageOpenMode.ReadWrite, StorageCaching.Cached);
            for (long offset = 100; offset < file.LengthBytes; offset += LogBlock.Bytes)
            {
                Flip(file, offset, 0);
            }
        }

        FluentActions.Invoking(() => _model.FirstDifference(table)).Should().Throw<StorageException>()
            .Which.StoragePath.Should().Contain("/log.");
        table.Invoking(t => t.Checkpoint()).Should().Throw<StorageException>();
    }

    private void MustBeNamed(SimulatedDisk disk, string name, string because) =>
        FluentActions.Invoking(() => FasterExceptionTable.Recover(disk, TableSizes.Directory, _token, TableSizes.Tiny))
            .Should().Throw<InvalidDataException>(because).WithMessage($"*{name}*", because);

    private static void Flip(IStorageFile file, long offset, int bit)
    {
        byte[] one = new byte[1];
        file.Read(offset, one);
        one[0] ^= (byte)(1 << bit);
        file.Write(offset, one);
    }

    /// <summary>Whether the checkpoint depends on a byte.</summary>
    private bool Matters(string name, long offset)
    {
        if (name == TableFiles.Checkpoint(_token))
        {
            return offset < CheckpointFormat.Encode(_image).Length;
        }

        long address = (TableFiles.SegmentId(name) * _image.SegmentBytes) + offset;
        return TableFiles.SegmentId(name) >= 0 && address >= _image.ProtectedBegin && address < _image.TailAddress;
    }
}
