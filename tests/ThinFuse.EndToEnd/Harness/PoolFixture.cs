using System.Text.Json;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>One pool of a test and everything that is made on it.</summary>
internal sealed partial class PoolFixture
{
    private readonly Scratch _scratch;
    private readonly string _home;
    private readonly string _transport;
    private readonly ControlApi _control;

    /// <summary>A place to mount a pool that there is, or will be.</summary>
    /// <param name="scratch">Where the test works.</param>
    /// <param name="transport">What it will be mounted by.</param>
    /// <param name="poolDirectory">The pool directory; null for one below the scratch directory.</param>
    public PoolFixture(Scratch scratch, string transport, string? poolDirectory = null)
    {
        _scratch = scratch;
        _transport = transport;
        _home = scratch.NewDirectory("pool");
        PoolDirectory = poolDirectory ?? Path.Combine(_home, "pool");
        MountPoint = Path.Combine(_home, "mnt");
        _view = MountPoint;
        Directory.CreateDirectory(MountPoint);
        _control = new ControlApi(PoolDirectory);
    }

    /// <summary>A directory for the test's own files.</summary>
    public string Home => _home;

    /// <summary>The pool directory.</summary>
    public string PoolDirectory { get; }

    /// <summary>Where it is mounted.</summary>
    public string MountPoint { get; }

    /// <summary>What the daemon has written to its log.</summary>
    public string Log => File.ReadAllText(Path.Combine(PoolDirectory, "daemon.log"));

    /// <summary>The serving process, as `pool status` names it.</summary>
    public int DaemonPid => Status().GetProperty("daemonPid").GetInt32();

    /// <summary>The file of a volume or snapshot.</summary>
    public string PathOf(string name) => Path.Combine(_view, name);

    /// <summary>Creates the pool.</summary>
    /// <param name="options">Of `pool create`.</param>
    public void Create(params string[] options) => ThinFuseProgram.Run(["pool", "create", PoolDirectory, .. options]).MustSucceed();

    /// <summary>`pool status`, mounted or not.</summary>
    public JsonElement Status() => _control.TryGet("/v1/pool") ?? ThinFuseProgram.Json("pool", "status", PoolDirectory);

    /// <summary>One number of `pool status`.</summary>
    public long StatusBytes(string field) => Status().GetProperty(field).GetInt64();

    /// <summary>The mode in `pool status`.</summary>
    public string Mode => Status().GetProperty("mode").GetString()!;

    /// <summary>Waits until `pool status` shows this, which work in the background brings about.</summary>
    /// <exception cref="TimeoutException">It does not come.</exception>
    public void WaitForStatus(string what, Func<JsonElement, bool> isReached) =>
        Waiting.Until(what, () => isReached(Status()), () => Status());

    /// <summary>The entry of `volume list` for a volume or snapshot.</summary>
    public JsonElement Volume(string name) =>
        (_control.TryGet("/v1/volumes") ?? ThinFuseProgram.Json("volume", "list", MountPoint)).EnumerateArray()
            .Single(volume => volume.GetProperty("name").GetString() == name);

    /// <summary>Creates a volume and returns its file.</summary>
    public string CreateVolume(string name, string size)
    {
        Change("/v1/volumes", new { name, sizeBytes = Size.Bytes(size) });
        return PathOf(name);
    }

    /// <summary>Takes a snapshot and returns its file.</summary>
    public string Snapshot(string volume, string name) =>
        PathOf(Change("/v1/snapshots", new { volumes = new[] { volume }, name })[0].GetProperty("name").GetString()!);

    /// <summary>Makes a volume that begins as a snapshot, or as another volume is now, and returns its file.</summary>
    public string Clone(string source, string target) =>
        PathOf(Change("/v1/clones", new { source, target })[0].GetProperty("name").GetString()!);

    /// <summary>Grows the pool to a new total.</summary>
    public void Grow(string size) => Change("/v1/pool/grow", new { sizeBytes = Size.Bytes(size) });

    /// <summary>Has the daemon change something; waits for its successor when there is just none.</summary>
    private JsonElement Change(string route, object body)
    {
        if (_control.TryPost(route, body) is { } answer)
        {
            return answer;
        }

        Status();
        return _control.Post(route, body);
    }

    /// <summary>Fails the test unless the pool's metadata is sound.</summary>
    public void MustBeSound()
    {
        if (_control.TryGet("/v1/pool/check") is { } found)
        {
            found.GetProperty("problemCount").GetInt64().Should().Be(0, "{0}", found);
        }
        else
        {
            ThinFuseProgram.Run("pool", "check", PoolDirectory).MustSucceed();
        }
    }
}
