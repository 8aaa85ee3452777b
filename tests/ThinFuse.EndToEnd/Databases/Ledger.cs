using System.Globalization;
using Microsoft.Data.Sqlite;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Databases;

/// <summary>
/// Accounts in an SQLite database. A transaction moves an amount from one to another and writes down that it did, so that the accounts tell whether each
/// transaction was made once and whole; every few transactions one that changes much is given up at its end, and must never show.
/// </summary>
/// <param name="file">The database.</param>
/// <param name="journalMode">SQLite's: wal or delete.</param>
/// <param name="seed">Of amounts and accounts.</param>
/// <param name="isAlone">Whether a connection has the database for itself: then SQLite needs no shared memory.</param>
internal sealed class Ledger(string file, string journalMode, int seed, bool isAlone = false) : IDisposable
{
    private const int FirstBalance = 1000;
    private const int Accounts = 64;
    private const int MaxNoteBytes = 6000;
    private const int TransfersPerAbandoned = 5;

    private readonly Random _random = new(seed);
    private readonly AutoResetEvent _news = new(initialState: false);
    private readonly CancellationTokenSource _end = new();
    private Thread? _writer;
    private volatile Exception? _failure;
    private long _acknowledged;
    private long _tried;

    /// <summary>The last transaction whose commit returned; they are numbered from 1.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The last transaction that was begun.</summary>
    public long Tried => Volatile.Read(ref _tried);

    /// <summary>Makes the accounts.</summary>
    public void Create()
    {
        using SqliteConnection database = Open();
        Execute(
            database,
            $"""
            CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, note BLOB);
            CREATE TABLE transfer (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, target INTEGER NOT NULL, amount INTEGER NOT NULL, note BLOB);
            CREATE INDEX source_of ON transfer (source);
            CREATE INDEX target_of ON transfer (target);
            WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {Accounts})
            INSERT INTO account SELECT id, {FirstBalance}, zeroblob(500) FROM n;
            """);
    }

    /// <summary>Begins to make transactions, after those that there are, until <see cref="Stop"/> or the first that fails.</summary>
    public void Start()
    {
        _failure = null;
        _writer = new Thread(Run) { IsBackground = true, Name = "ledger" };
        _writer.Start();
    }

    /// <summary>Waits for so many more acknowledged transactions.</summary>
    /// <exception cref="InvalidOperationException">One failed.</exception>
    public void Await(int transactions)
    {
        long goal = Acknowledged + transactions;
        while (Acknowledged < goal)
        {
            _news.WaitOne(Tool.Patience).Should().BeTrue("transactions go on");
            if (_failure is { } failure)
            {
                throw new InvalidOperationException($"transaction {Tried} failed (seed {seed})", failure);
            }
        }
    }

    /// <summary>Ends at the next transaction, and fails the test if one failed.</summary>
    public void Stop()
    {
        _end.Cancel();
        AwaitFailure().Should().BeNull();
    }

    /// <summary>Waits for the transaction that fails because the disk is gone; null when it ended because it was told to.</summary>
    public Exception? AwaitFailure()
    {
        _writer!.Join(Tool.Patience).Should().BeTrue("a transaction ends");
        return _failure;
    }

    /// <summary>Fails the test unless the database is intact and has all that was acknowledged; what it has counts as acknowledged from then on.</summary>
    public void MustHold()
    {
        long found = TransfersIn(file, isAlone);
        found.Should().BeInRange(_acknowledged, _tried, "nothing acknowledged may be missing (seed {0})", seed);
        _acknowledged = _tried = found;
    }

    /// <summary>How many transfers a database has. Opens it as an application does after a crash; fails the test unless it is intact and all add up.</summary>
    public static long TransfersIn(string database, bool isAlone = false)
    {
        using SqliteConnection connection = Connect(database, isAlone);
        Text(connection, "PRAGMA integrity_check").Should().Be("ok");
        long last = Number(connection, "SELECT ifnull(max(id), 0) FROM transfer");
        Number(connection, "SELECT count(*) FROM transfer WHERE id > 0").Should().Be(last, "each was made once, and one after the other");
        Number(connection, "SELECT count(*) FROM transfer WHERE id <= 0").Should().Be(0, "what was given up does not show");
        Number(connection, "SELECT count(*) FROM account").Should().Be(Accounts);
        Number(
            connection,
            $"""
            SELECT count(*) FROM account AS a WHERE balance <> {FirstBalance}
                + ifnull((SELECT sum(amount) FROM transfer WHERE target = a.id), 0) - ifnull((SELECT sum(amount) FROM transfer WHERE source = a.id), 0)
            """).Should().Be(0, "no transfer is half done");
        return last;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _writer?.Join(Tool.Patience);
        _end.Dispose();
        _news.Dispose();
    }

    private void Run()
    {
        try
        {
            using SqliteConnection database = Open();
            long next = Number(database, "SELECT ifnull(max(id), 0) + 1 FROM transfer");
            while (!_end.IsCancellationRequested)
            {
                Volatile.Write(ref _tried, next);
                Transfer(database, next);
                Volatile.Write(ref _acknowledged, next++);
                _news.Set();
                if (next % TransfersPerAbandoned == 0)
                {
                    Abandon(database);
                }
            }
        }
        catch (SqliteException failure)
        {
            _failure = failure;
            _news.Set();
        }
    }

    private void Transfer(SqliteConnection database, long id)
    {
        int source = _random.Next(Accounts);
        int target = (source + _random.Next(1, Accounts)) % Accounts;
        int amount = _random.Next(1, 100);
        using SqliteTransaction transaction = database.BeginTransaction();
        Execute(
            database,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                UPDATE account SET balance = balance - {amount}, note = randomblob({_random.Next(1, MaxNoteBytes)}) WHERE id = {source + 1};
                INSERT INTO transfer VALUES ({id}, {source + 1}, {target + 1}, {amount}, randomblob({_random.Next(1, MaxNoteBytes)}));
                UPDATE account SET balance = balance + {amount}, note = randomblob({_random.Next(1, MaxNoteBytes)}) WHERE id = {target + 1};
                """));
        transaction.Commit();
    }

    /// <summary>Changes more pages than the cache holds, so that they are in the files before the transaction is given up.</summary>
    private static void Abandon(SqliteConnection database)
    {
        using SqliteTransaction transaction = database.BeginTransaction();
        Execute(
            database,
            """
            UPDATE account SET balance = balance + 1, note = randomblob(3000);
            INSERT INTO transfer SELECT -id, id, id, 1, randomblob(5000) FROM account;
            """);
        transaction.Rollback();
    }

    /// <summary>A connection whose commits are durable: EXTRA also syncs the directory that a rollback journal was deleted from.</summary>
    private SqliteConnection Open()
    {
        SqliteConnection connection = Connect(file, isAlone);
        Text(connection, $"PRAGMA journal_mode = {journalMode}").Should().Be(journalMode);
        Execute(connection, "PRAGMA synchronous = EXTRA; PRAGMA cache_size = 16; PRAGMA wal_autocheckpoint = 100;");
        return connection;
    }

    private static SqliteConnection Connect(string database, bool isAlone)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        if (isAlone)
        {
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE");
        }

        return connection;
    }

    private static void Execute(SqliteConnection database, string statements)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private static string? Text(SqliteConnection database, string query) => Convert.ToString(Scalar(database, query), CultureInfo.InvariantCulture);

    private static long Number(SqliteConnection database, string query) => Convert.ToInt64(Scalar(database, query), CultureInfo.InvariantCulture);

    private static object? Scalar(SqliteConnection database, string query)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar();
    }
}
