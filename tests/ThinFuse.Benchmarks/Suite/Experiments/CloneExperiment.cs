using System.Diagnostics;
using ThinFuse.Benchmarks.Drivers;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Benchmarks.Suite.Experiments;

/// <summary>A thousand clones of a full volume by one command, and ten thousand snapshots of them.</summary>
internal sealed class CloneExperiment() : Experiment("many")
{
    private const int Clones = 1000;
    private const int SnapshotsOfEach = 10;
    private const string Origin = "origin";

    /// <inheritdoc/>
    public override void Run(ExperimentContext context, Recorder recorder)
    {
        long sizeBytes = context.Options.SizeBytes;
        using ThinFuseServer server = context.NewServer("pool");
        server.Create("--size", $"{sizeBytes + (1L << 30)}");
        server.Mount();
        server.CreateVolume(Origin, sizeBytes);
        context.Fill(server.FileOf(Origin), sizeBytes);

        void Time(string workload, string metric, Action action)
        {
            Stopwatch watch = Stopwatch.StartNew();
            action();
            recorder.Add($"{Id}-{workload}", metric, "ms", context.Subject, watch.Elapsed.TotalMilliseconds);
        }

        string[] clones = [];
        Time("1000-clones", "command", () =>
            server.ThinFuse("clone", server.FileOf(Origin), server.FileOf("clone"), "--count", $"{Clones}"));
        clones = [.. Names(server, context, VolumeKind.Volume).Where(name => name != Origin)];
        Time("1000-clones", "a read of each", () =>
        {
            foreach (string clone in clones)
            {
                using BlockFile file = new(server.FileOf(clone));
                file.Read(sizeBytes / BlockFile.BlockBytes / 2);
            }
        });
        for (int i = 0; i < SnapshotsOfEach; i++)
        {
            Time("1000-snapshots", "one call", () =>
                server.Control.CreateSnapshotsAsync(new SnapshotCreateRequest(clones, $"s{i}"), context.Cancel).GetAwaiter().GetResult());
        }

        for (int i = 0; i < context.Options.Rounds; i++)
        {
            Time("10000-snapshots", "list, API", () => Names(server, context, VolumeKind.Snapshot));
            Time("10000-snapshots", "list, command", () => server.ThinFuse("snapshot", "list", server.MountPoint, "--json"));
            Time("10000-snapshots", "ls", () => Directory.GetFiles(server.MountPoint));
        }
    }

    private static IEnumerable<string> Names(ThinFuseServer server, ExperimentContext context, VolumeKind kind) =>
        server.Control.ListVolumesAsync(context.Cancel).GetAwaiter().GetResult().Where(volume => volume.Kind == kind).Select(volume => volume.Name);
}
