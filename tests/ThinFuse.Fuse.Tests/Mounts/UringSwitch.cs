using ThinFuse.Fuse.Transport.Rings;

namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>Has the kernel carry FUSE over io_uring while tests run, and leaves its switch as it was.</summary>
public sealed class UringSwitch : IDisposable
{
    private const string ParameterPath = "/sys/module/fuse/parameters/enable_uring";
    private const string On = "Y";
    private const string Off = "N";

    private readonly string? _before;
    private readonly string? _obstacle;

    public UringSwitch()
    {
        if (!File.Exists(ParameterPath))
        {
            _obstacle = "this kernel has no FUSE over io_uring (Linux 6.14)";
            return;
        }

        try
        {
            _before = Current;
            if (_before != On)
            {
                Set(On);
            }

            new IoRing(8, 16).Dispose();
        }
        catch (UnauthorizedAccessException)
        {
            _obstacle = $"FUSE over io_uring is off, and only root may set {ParameterPath}";
        }
        catch (IOException refusal)
        {
            _obstacle = $"FUSE over io_uring cannot be had here: {refusal.Message}";
        }
    }

    private static string Current => File.ReadAllText(ParameterPath).Trim();

    public void Dispose()
    {
        if (_before != null && Current != _before)
        {
            Set(_before);
        }
    }

    /// <summary>Skips the test where there is none.</summary>
    public void Require() => Skip.If(_obstacle != null, _obstacle);

    /// <summary>Runs with the kernel's switch off.</summary>
    internal void WhileOff(Action action)
    {
        Require();
        try
        {
            Set(Off);
            action();
        }
        finally
        {
            Set(On);
        }
    }

    private static void Set(string value) => File.WriteAllText(ParameterPath, value);
}
