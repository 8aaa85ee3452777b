using ThinFuse.Pool.Jobs;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>A pool, its model, and what the operations of a workload choose by.</summary>
/// <param name="test">The pool.</param>
/// <param name="seed">Says what is done.</param>
/// <param name="settings">Bounds it.</param>
/// <param name="model">What the pool holds already; null for nothing.</param>
internal sealed class WorkloadContext(TestPool test, int seed, WorkloadSettings settings, WholeModel? model = null)
{
    private const int FirstNameOfOthers = 10_000;
    private readonly List<WholeModel> _between = [];
    private int _names = model is null ? 0 : FirstNameOfOthers;

    internal TestPool Test => test;

    internal ThinPool Pool => test.Pool;

    internal WorkloadSettings Settings => settings;

    internal Random Random { get; } = new(seed);

    internal WholeModel Model { get; } = model ?? new();

    internal bool HasRoom => Model.Content.Files.Count < settings.MaxFiles;

    internal string NewName(string prefix) => $"{prefix}{_names++}";

    /// <summary>A name for a snapshot of a file; its first letter says what it is.</summary>
    internal string NewSnapshotName(string file, char kind) => VolumeName.Snapshot(file, NewName(kind.ToString()));

    internal string? Any(Func<string, bool>? which = null)
    {
        string[] names = [.. Model.Names.Where(name => which?.Invoke(name) != false)];
        return names.Length == 0 ? null : names[Random.Next(names.Length)];
    }

    /// <summary>A file that users write to.</summary>
    internal string? AnyWritable() => Any(name => !WholeModel.IsReadOnly(name) && !Model.IsReceiving(name));

    internal void With(string name, Action<VolumeHandle> action)
    {
        using VolumeHandle handle = test.Handle(name);
        action(handle);
    }

    /// <summary>Copies in the background; to the end, unless the workload leaves that to the pool. Null when there was nothing to do.</summary>
    internal JobState? Copy(Func<JobInfo> start) => !settings.IsBackground ? Copies.RunToEnd(Pool, start()) : Copies.TryStart(start) ? JobState.Running : null;

    /// <summary>A range of a file that may go past its end, mostly a short one.</summary>
    internal (int Offset, int Length) Range(string name, int maxBytes, int unit)
    {
        maxBytes = Random.Next(4) == 0 ? maxBytes : Math.Min(maxBytes, 40_000);
        int offset = Random.Next((Model.Content[name].Length / unit) + 1) * unit;
        return (offset, Random.Next(1, (maxBytes / unit) + 1) * unit);
    }

    /// <summary>Notes that a crash may leave the model's state of now, though the step goes on.</summary>
    internal void MayStopHere() => _between.Add(Model.Freeze());

    /// <summary>What repeats it.</summary>
    public override string ToString() => $"seed {seed}, chunk {Pool.Geometry.ChunkBytes}, {Pool.Core.Extents.TotalCount} extents, {settings}";

    /// <summary>States inside the step that a crash may leave.</summary>
    internal WholeModel[] TakeBetween()
    {
        WholeModel[] between = [.. _between];
        _between.Clear();
        return between;
    }
}
