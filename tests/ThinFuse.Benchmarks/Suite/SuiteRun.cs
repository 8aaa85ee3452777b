using ThinFuse.Benchmarks.Suite.Experiments;
using ThinFuse.Benchmarks.Suite.Report;
using ThinFuse.Benchmarks.Suite.Subjects;
using ThinFuse.Benchmarks.Suite.Workloads;

namespace ThinFuse.Benchmarks.Suite;

/// <summary>One run: rounds, in each of which every subject does every workload, in an order that changes.</summary>
/// <remarks>
/// All subjects are open at once, and a workload is measured with one after the other before the next begins: what the machine does
/// beside us changes in minutes, and must not be taken for a difference between them.
/// </remarks>
internal sealed class SuiteRun(SuiteContext context, Recorder recorder)
{
    private readonly List<Subject> _open = [];
    private int _turn;

    /// <summary>Measures everything, and cleans up whatever happens.</summary>
    public void Run()
    {
        Stage[] stages = [.. StageCatalog.All.Select(Wanted).Where(stage => stage.Workloads.Count != 0)];
        try
        {
            if (stages.Length != 0)
            {
                OpenSubjects();
            }

            for (int round = 1; round <= context.Options.Rounds; round++)
            {
                recorder.Round = round;
                foreach (Stage stage in stages)
                {
                    Measure(stage);
                }
            }
        }
        finally
        {
            Close();
        }

        foreach (Experiment experiment in ExperimentCatalog.All.Where(experiment => context.Options.Wants(experiment.Id)))
        {
            Measure(experiment);
        }
    }

    private Stage Wanted(Stage stage) =>
        stage with { Workloads = [.. stage.Workloads.Where(workload => context.Options.Wants(workload.Id))] };

    private void OpenSubjects()
    {
        List<Subject> usable = [];
        foreach (Subject subject in SubjectCatalog.Make(context))
        {
            if (subject.WhyNot() is { } reason)
            {
                recorder.Note($"{subject.Name} is skipped: {reason}");
            }
            else
            {
                usable.Add(subject);
            }
        }

        RequireSpace(usable);
        foreach (Subject subject in usable)
        {
            _open.Add(subject);
            subject.Open();
        }
    }

    private void RequireSpace(List<Subject> subjects)
    {
        long neededBytes = subjects.Sum(subject => subject.NeededBytes(context.Options.SizeBytes));
        long freeBytes = Machine.Look(context.WorkDirectory).FreeBytes;
        if (neededBytes > freeBytes)
        {
            throw new IOException(
                $"{context.WorkDirectory} has {freeBytes >> 30} GiB, and up to {neededBytes >> 30} GiB are needed; give a smaller --size, fewer --subjects, or another --work");
        }
    }

    private void Measure(Stage stage)
    {
        List<Subject> ready = [.. InTurn(_open).Where(subject => Try(subject, "preparing", () => stage.Prepare(subject, context)))];
        foreach (Workload workload in stage.Workloads)
        {
            foreach (Subject subject in InTurn(ready).Where(workload.Suits))
            {
                Try(subject, workload.Id, () => workload.Run(subject, context, recorder));
            }
        }

        ready.ForEach(stage.Finish);
    }

    private void Measure(Experiment experiment)
    {
        string? transport = ((string[])[Transports.Uring, Transports.Device])
            .FirstOrDefault(transport => context.Options.Subjects.Contains($"thinfuse-{transport}") && Transports.WhyNot(transport) is null);
        if (transport is null)
        {
            return;
        }

        recorder.Round = 1;
        string home = Path.Combine(context.WorkDirectory, experiment.Id);
        try
        {
            context.Cancel.ThrowIfCancellationRequested();
            Directory.CreateDirectory(home);
            experiment.Run(new ExperimentContext(context, transport, home), recorder);
            Directory.Delete(home, recursive: true);
        }
        catch (Exception e) when (!context.Cancel.IsCancellationRequested)
        {
            recorder.Fail(experiment.Id, e);
        }
    }

    /// <summary>What fails with one subject is noted, and the others go on.</summary>
    private bool Try(Subject subject, string what, Action action)
    {
        try
        {
            context.Cancel.ThrowIfCancellationRequested();
            action();
            return true;
        }
        catch (Exception e) when (!context.Cancel.IsCancellationRequested)
        {
            recorder.Fail($"{subject.Name}: {what}", e);
            subject.DetachLoop();
            subject.Spoil();
            return false;
        }
    }

    private List<Subject> InTurn(List<Subject> subjects)
    {
        int first = subjects.Count == 0 ? 0 : _turn++ % subjects.Count;
        return [.. subjects[first..], .. subjects[..first]];
    }

    private void Close()
    {
        for (int last = _open.Count - 1; last >= 0; last--)
        {
            try
            {
                _open[last].Dispose();
            }
            catch (Exception e)
            {
                // The others are to be closed all the same.
                recorder.Fail($"closing {_open[last].Name}", e);
            }
        }
    }
}
