using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Databases;

/// <summary>
/// SQLite on ext4 on a volume: whatever dies under it, and in every snapshot, the database is intact, has each transaction whose commit had returned, and
/// none by half. THINFUSE_SQLITE_ROUNDS says how many times more often each thing is done.
/// </summary>
public sealed class SqliteTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output, TimeSpan.FromMinutes(2 + Rounds))
{
    private const string RoundsVariable = "THINFUSE_SQLITE_ROUNDS";
    private const int FewRounds = 1;
    private const int MostTransactions = 30;
    private const string DatabaseName = "ledger.db";
    private const string Wal = "wal";
    private const string RollbackJournal = "delete";

    private static int Rounds =>
        Environment.GetEnvironmentVariable(RoundsVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : FewRounds;

    [SkippableTheory]
    [InlineData(Wal, 61)]
    [InlineData(RollbackJournal, 62)]
    public void Transactions_go_on_when_the_server_is_killed(string journalMode, int seed)
    {
        Random random = Seeded(seed);
        PoolFixture pool = NewDatabasePool("dev");
        Skip.IfNot(pool.Status().GetProperty("restartProtection").GetString() == "on", "this kernel cannot send requests again");
        LoopFilesystem disk = NewDisk(pool);
        using Ledger ledger = NewLedger(disk, journalMode, random);
        ledger.Start();
        int kills = 4 * Rounds;
        for (int i = 0; i < kills; i++)
        {
            ledger.Await(random.Next(1, MostTransactions));
            pool.KillServer();
        }

        ledger.Await(1);
        ledger.Stop();
        ledger.MustHold();
        pool.Status().GetProperty("restarts").GetInt32().Should().Be(kills);
        disk.Unmount();
        disk.MustBeClean();
        disk.Mount();
        ledger.MustHold();
        Report(ledger, kills);
    }

    [SkippableTheory]
    [InlineData(Wal, 63)]
    [InlineData(RollbackJournal, 64)]
    public void A_snapshot_of_the_running_volume_has_every_transaction_acknowledged_before_it(string journalMode, int seed)
    {
        Random random = Seeded(seed);
        PoolFixture pool = NewDatabasePool();
        using Ledger ledger = NewLedger(NewDisk(pool), journalMode, random);
        ledger.Start();
        int snapshots = 3 * Rounds;
        for (int i = 0; i < snapshots; i++)
        {
            ledger.Await(random.Next(1, MostTransactions));
            long acknowledged = ledger.Acknowledged;
            pool.Snapshot("vm1", Name("at", i));
            long tried = ledger.Tried;

            // A filesystem that was in use replays its journal, so it needs a copy that can be written to.
            string name = Name("copy", i);
            pool.Clone(Name("vm1@at", i), name);
            LoopFilesystem copy = pool.Filesystem(pool.Attach(name), FilesystemKind.Ext4);
            copy.Mount();
            Ledger.TransfersIn(copy.PathOf(DatabaseName)).Should().BeInRange(acknowledged, tried);
            copy.Unmount();
            copy.MustBeClean();
        }

        ledger.Stop();
        ledger.MustHold();
        Report(ledger, snapshots);
    }

    [SkippableTheory]
    [InlineData(Wal, 65)]
    [InlineData(RollbackJournal, 66)]
    public void After_the_death_of_daemon_and_supervisor_the_journals_bring_back_all_that_was_acknowledged(string journalMode, int seed)
    {
        Random random = Seeded(seed);
        PoolFixture pool = NewDatabasePool();
        LoopFilesystem disk = NewDisk(pool);
        using Ledger ledger = NewLedger(disk, journalMode, random);
        int deaths = 2 * Rounds;
        for (int i = 0; i < deaths; i++)
        {
            ledger.Start();
            ledger.Await(random.Next(1, MostTransactions));
            pool.KillDaemon();
            ledger.AwaitFailure().Should().NotBeNull();
            disk.Unmount();
            pool.DetachAll();

            pool.Mount();
            disk = pool.Filesystem(pool.Attach("vm1"), FilesystemKind.Ext4, disk.MountPoint);
            disk.Mount();
            ledger.MustHold();
            pool.MustBeSound();
        }

        disk.Unmount();
        disk.MustBeClean();
        Report(ledger, deaths);
    }

    [SkippableTheory]
    [InlineData(Wal, 67)]
    [InlineData(RollbackJournal, 68)]
    public void After_a_power_cut_of_the_host_everything_acknowledged_is_there(string journalMode, int seed)
    {
        Random random = Seeded(seed);
        Need.Tools("unshare");

        // The pool's files lie on a filesystem whose disk is a volume of another pool: a snapshot of that is what a power cut leaves of them.
        PoolFixture host = NewDatabasePool();
        LoopFilesystem hostDisk = NewDisk(host, "400M");
        PoolFixture pool = PoolAt(hostDisk.PathOf("pool"));
        pool.Create("--size", "128M");
        pool.Mount();
        using Ledger ledger = NewLedger(NewDisk(pool, "96M"), journalMode, random);
        ledger.Start();
        for (int i = 0; i < Rounds; i++)
        {
            ledger.Await(random.Next(1, MostTransactions));
            long acknowledged = ledger.Acknowledged;
            host.Snapshot("vm1", Name("cut", i));
            long tried = ledger.Tried;

            string name = Name("after", i);
            host.Clone(Name("vm1@cut", i), name);
            LoopFilesystem hostAfter = host.Filesystem(host.Attach(name), FilesystemKind.Ext4);
            hostAfter.Mount();
            PoolFixture after = PoolAt(hostAfter.PathOf("pool"));
            after.MountInAnotherBoot();
            LoopFilesystem disk = after.Filesystem(after.Attach("vm1"), FilesystemKind.Ext4);
            disk.Mount();
            Ledger.TransfersIn(disk.PathOf(DatabaseName)).Should().BeInRange(acknowledged, tried);
            disk.Unmount();
            disk.MustBeClean();
            after.MustBeSound();
            after.DetachAll();
            after.Unmount();
            hostAfter.Unmount();
        }

        ledger.Stop();
        ledger.MustHold();
        Report(ledger, Rounds);
    }

    private static string Name(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what}{number}");

    private PoolFixture NewDatabasePool(string? transport = null)
    {
        Need.Loop();
        FilesystemKind.Ext4.Require();
        return NewMountedPool("512M", transport: transport);
    }

    private static LoopFilesystem NewDisk(PoolFixture pool, string size = "128M")
    {
        pool.CreateVolume("vm1", size);
        LoopFilesystem disk = pool.Filesystem(pool.Attach("vm1"), FilesystemKind.Ext4);
        disk.Make();
        disk.Mount();
        return disk;
    }

    private static Ledger NewLedger(LoopFilesystem disk, string journalMode, Random random)
    {
        Ledger ledger = new(disk.PathOf(DatabaseName), journalMode, random.Next());
        ledger.Create();
        return ledger;
    }

    private void Report(Ledger ledger, int times) =>
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ledger.Acknowledged} transactions, {times} times"));
}
