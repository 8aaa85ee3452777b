namespace ThinFuse.EndToEnd.Harness;

/// <summary>Has the kernel carry FUSE over io_uring while a run lasts, and leaves its switch as it was.</summary>
internal sealed class UringSwitch : IDisposable
{
    private const string ParameterPath = "/sys/module/fuse/parameters/enable_uring";
    private const string On = "Y";

    private readonly string? _before;

    public UringSwitch()
    {
        if (!File.Exists(ParameterPath))
        {
            Obstacle = "this kernel has no FUSE over io_uring (Linux 6.14)";
            return;
        }

        try
        {
            _before = File.ReadAllText(ParameterPath).Trim();
            if (_before != On)
            {
                File.WriteAllText(ParameterPath, On);
            }
        }
        catch (UnauthorizedAccessException)
        {
            Obstacle = $"FUSE over io_uring is off, and only root may set {ParameterPath}";
        }
    }

    /// <summary>Why there is none; null when there is.</summary>
    public string? Obstacle { get; }

    public void Dispose()
    {
        if (Obstacle is null && _before != On)
        {
            File.WriteAllText(ParameterPath, _before);
        }
    }
}
