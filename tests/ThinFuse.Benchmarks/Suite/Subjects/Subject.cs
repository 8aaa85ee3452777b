using ThinFuse.Benchmarks.Tools;

namespace ThinFuse.Benchmarks.Suite.Subjects;

/// <summary>One way to have a file that behaves as a disk: what is measured side by side.</summary>
/// <remarks>One thread. Opened once, renewed before every stage that wants an empty file, disposed at the end whatever happened.</remarks>
internal abstract class Subject(string name, SuiteContext context) : IDisposable
{
    private LoopDevice? _loop;
    private bool _isFilled;

    /// <summary>Its name in the table.</summary>
    public string Name { get; } = name;

    /// <summary>The file that is read and written.</summary>
    public abstract string File { get; }

    /// <summary>Processes whose CPU time counts; none where the kernel does all.</summary>
    public virtual IReadOnlyList<int> Servers => [];

    /// <summary>Its snapshots; null where there are none.</summary>
    public virtual ISnapshots? Snapshots => null;

    /// <summary>Bytes that are held whatever the file holds, such as a filesystem's own.</summary>
    public virtual long OverheadBytes => 0;

    protected SuiteContext Context { get; } = context;

    protected CancellationToken Cancel => Context.Cancel;

    /// <summary>A directory of its own in the work directory.</summary>
    protected string Home => Path.Combine(Context.WorkDirectory, Name);

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    public virtual string? WhyNot() => null;

    /// <summary>Host space it needs at most, for volumes of this size.</summary>
    public abstract long NeededBytes(long volumeBytes);

    /// <summary>Starts whatever serves it.</summary>
    public virtual void Open() => Directory.CreateDirectory(Home);

    /// <summary>Replaces the file by an empty one of this size; snapshots of the old one are gone.</summary>
    public void Renew(long sizeBytes)
    {
        _isFilled = false;
        DetachLoop();
        Replace(sizeBytes);
    }

    /// <summary>Leaves the file as one of this size that was written from end to end, and has no snapshots.</summary>
    /// <returns>What writing it took; null when it was so already.</returns>
    public FioResult? Fill(long sizeBytes)
    {
        if (_isFilled)
        {
            return null;
        }

        Renew(sizeBytes);
        FioResult result = new FioJob { File = File, Pattern = "write", SizeBytes = sizeBytes, BlockBytes = 1 << 20, Depth = 8 }.Run(Cancel);
        _isFilled = true;
        return result;
    }

    /// <summary>Says that nobody knows what state the file is in.</summary>
    public void Spoil() => _isFilled = false;

    /// <summary>Attaches the file to a loop device with direct I/O, and returns the device.</summary>
    public string AttachLoop()
    {
        _loop ??= LoopDevice.Attach(File, Cancel);
        return _loop.Path;
    }

    /// <summary>Detaches it, if it is attached.</summary>
    public void DetachLoop()
    {
        _loop?.Dispose();
        _loop = null;
    }

    public void Dispose()
    {
        DetachLoop();
        Close();
    }

    /// <summary>Replaces the file by an empty one.</summary>
    protected abstract void Replace(long sizeBytes);

    /// <summary>Ends whatever serves it; also after a failure half way.</summary>
    protected virtual void Close()
    {
    }

    /// <summary>What a program that is not installed is called and where it comes from; null when all are.</summary>
    protected static string? Missing(params IEnumerable<string> programs) =>
        programs.FirstOrDefault(program => !Shell.Has(program)) is { } missing ? $"{missing} is not installed" : null;

    /// <summary>Makes a sparse file, or empties one.</summary>
    protected static void MakeSparse(string path, long sizeBytes)
    {
        System.IO.File.Delete(path);
        using FileStream file = new(path, FileMode.CreateNew);
        file.SetLength(sizeBytes);
    }
}
