using System.Globalization;
using ThinFuse.EndToEnd.Harness;
using Xunit.Abstractions;

namespace ThinFuse.EndToEnd.Databases;

/// <summary>
/// SQLite on the volume file system itself: the database and its journal are volumes, which SQLite makes, locks, cuts off and deletes. Its WAL only for one process at
/// a time: the shared memory that it needs otherwise is a file that SQLite makes 3 bytes long, and volumes are whole sectors.
/// </summary>
public sealed class SqliteOnMountTests(Scratch scratch, ITestOutputHelper output) : MountTest(scratch, output)
{
    private const int Kills = 2;
    private const int MostTransactions = 10;

    [SkippableFact]
    public void Transactions_go_on_when_the_server_is_killed_and_all_that_was_acknowledged_survives_the_death_of_daemon_and_supervisor()
    {
        Random random = Seeded(71);
        PoolFixture pool = NewMountedPool("64M", transport: "dev");
        Skip.IfNot(pool.Status().GetProperty("restartProtection").GetString() == "on", "this kernel cannot send requests again");
        using Ledger wal = new(pool.PathOf("wal.db"), "wal", random.Next(), isAlone: true);
        using Ledger rollbackJournal = new(pool.PathOf("journal.db"), "delete", random.Next());
        Ledger[] ledgers = [wal, rollbackJournal];
        Array.ForEach(ledgers, ledger => ledger.Create());
        Begin(ledgers, random);
        pool.KillDaemon();
        Array.ForEach(ledgers, ledger => ledger.AwaitFailure().Should().NotBeNull());
        pool.Mount();
        Array.ForEach(ledgers, ledger => ledger.MustHold());
        Begin(ledgers, random);
        for (int i = 0; i < Kills; i++)
        {
            pool.KillServer();
            Await(ledgers, random);
        }

        Array.ForEach(ledgers, ledger => ledger.Stop());
        Array.ForEach(ledgers, ledger => ledger.MustHold());
        pool.Status().GetProperty("restarts").GetInt32().Should().Be(Kills);
        pool.MustBeSound();
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{wal.Acknowledged} and {rollbackJournal.Acknowledged} transactions"));
    }

    private static void Begin(Ledger[] ledgers, Random random)
    {
        Array.ForEach(ledgers, ledger => ledger.Start());
        Await(ledgers, random);
    }

    private static void Await(Ledger[] ledgers, Random random) => Array.ForEach(ledgers, ledger => ledger.Await(random.Next(1, MostTransactions)));
}
