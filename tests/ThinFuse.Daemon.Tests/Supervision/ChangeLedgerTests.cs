using ThinFuse.Daemon.Supervision;
using ThinFuse.Daemon.Tests.Support;
using ThinFuse.Fuse.Wire;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Tests.Supervision;

/// <summary>What a successor makes of a change when the process died before it, in the middle, or after it.</summary>
public sealed class ChangeLedgerTests : IDisposable
{
    private const ulong Request = 42;

    private readonly TemporaryDirectory _place = new();
    private readonly RestartMemory _memory = RestartMemory.Create();
    private readonly ThinPool _pool;
    private readonly ChangeLedger _ledger;

    public ChangeLedgerTests()
    {
        string directory = Path.Combine(_place.FullPath, "pool");
        ThinPool.Create(directory, new PoolCreateOptions { SizeBytes = 16 << 20 });
        _pool = ThinPool.Open(directory, new PoolOpenOptions());
        _ledger = new ChangeLedger(_memory);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _memory.Dispose();
        _place.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_create_is_done_if_the_name_is_there(bool isMade)
    {
        ulong? done = DieIn(FuseOpcode.Create, 0, "vm1", 0, () => isMade ? _pool.CreateVolume("vm1", 0).Id : 0);

        done.Should().Be(isMade ? _pool.Find("vm1")!.Id : null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unlink_is_done_if_the_volume_has_the_name_no_more(bool isMade)
    {
        ulong volume = _pool.CreateVolume("vm1", 0).Id;

        ulong? done = DieIn(FuseOpcode.Unlink, volume, "vm1", 0, () =>
        {
            if (isMade)
            {
                _pool.Delete("vm1");
            }

            return 0;
        });

        done.Should().Be(isMade ? 0 : null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rename_is_done_if_the_volume_has_the_new_name(bool isMade)
    {
        ulong volume = _pool.CreateVolume("vm1", 0).Id;

        ulong? done = DieIn(FuseOpcode.Rename2, volume, "vm2", 0, () =>
        {
            if (isMade)
            {
                _pool.Rename("vm1", "vm2");
            }

            return 0;
        });

        done.Should().Be(isMade ? 0 : null);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(4096, 4096)]
    [InlineData(8192, 8192)]
    [InlineData(16384, 8192)]
    public void A_copy_into_an_empty_volume_is_done_as_far_as_that_reaches(long reachedBytes, int? copied)
    {
        ulong volume = _pool.CreateVolume("vm1", 0).Id;

        ulong? done = DieIn(FuseOpcode.CopyFileRange64, volume, "", 8192, () =>
        {
            _pool.Resize("vm1", reachedBytes);
            return 8192;
        });

        done.Should().Be((ulong?)copied);
    }

    [Fact]
    public void What_was_done_before_the_process_died_is_not_judged_again()
    {
        ulong made = _ledger.Make(FuseOpcode.Create, Request, 0, "vm1", 0, () => _pool.CreateVolume("vm1", 0).Id);
        _pool.Rename("vm1", "vm2");

        new ChangeLedger(_memory).Resolve(_pool, _ => 0);

        new ChangeLedger(_memory).TryFindDone(Request, out ulong found).Should().BeTrue();
        found.Should().Be(made);
    }

    [Fact]
    public void A_change_that_was_refused_leaves_nothing_to_find()
    {
        FluentActions.Invoking(() => _ledger.Make(FuseOpcode.Create, Request, 0, "vm1", 0, () => throw new PoolException(PoolErrorKind.NoSpace, "full")))
            .Should().Throw<PoolException>();
        _pool.CreateVolume("vm1", 0);

        ChangeLedger successor = new(_memory);
        successor.Resolve(_pool, _ => 0);

        successor.TryFindDone(Request, out _).Should().BeFalse();
    }

    [Fact]
    public void Another_request_is_another_change()
    {
        _ledger.Make(FuseOpcode.Create, Request, 0, "vm1", 0, () => 7);

        _ledger.TryFindDone(Request + 2, out _).Should().BeFalse();
    }

    [Fact]
    public void The_last_thousand_changes_are_remembered()
    {
        for (ulong request = 1; request <= 2 * RestartMemory.ChangeCount; request++)
        {
            _ledger.Make(FuseOpcode.Unlink, request, 1, "vm1", 0, () => request);
        }

        _ledger.TryFindDone(RestartMemory.ChangeCount, out _).Should().BeFalse();
        for (ulong request = RestartMemory.ChangeCount + 1; request <= 2 * RestartMemory.ChangeCount; request++)
        {
            _ledger.TryFindDone(request, out ulong result).Should().BeTrue();
            result.Should().Be(request);
        }
    }

    /// <summary>Has a successor look at the moment between the change and the note that it is made.</summary>
    private ulong? DieIn(FuseOpcode opcode, ulong volume, string name, ulong result, Func<ulong> change)
    {
        ulong? found = null;
        _ledger.Make(opcode, Request, volume, name, result, () =>
        {
            ulong made = change();
            ChangeLedger successor = new(_memory);
            successor.Resolve(_pool, id => _pool.Find(id)?.SizeBytes ?? 0);
            found = successor.TryFindDone(Request, out ulong answer) ? answer : null;
            return made;
        });
        return found;
    }
}
