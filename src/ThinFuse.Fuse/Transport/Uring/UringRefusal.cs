using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport.Uring;

/// <summary>Why there is no FUSE over io_uring, and what to do about it, in one line.</summary>
internal static class UringRefusal
{
    private const string EnablePath = "/sys/module/fuse/parameters/enable_uring";
    private const string DisabledPath = "/proc/sys/kernel/io_uring_disabled";

    /// <summary>The kernel's INIT does not offer it.</summary>
    public static string NotOffered() => Read(EnablePath) switch
    {
        null => "this kernel cannot carry FUSE over io_uring; that takes Linux 6.14 or later",
        "N" => $"FUSE over io_uring is switched off; switch it on with: echo Y | sudo tee {EnablePath}",
        _ => "the kernel does not offer FUSE over io_uring on this mount",
    };

    /// <summary>A ring was refused.</summary>
    public static string NotPermitted(FuseException refusal) => refusal.ErrorNumber switch
    {
        FuseErrno.EPERM or FuseErrno.EACCES when Read(DisabledPath) is "1" or "2" =>
            "io_uring is switched off; switch it on with: sudo sysctl kernel.io_uring_disabled=0",
        FuseErrno.EPERM or FuseErrno.EACCES or FuseErrno.ENOSYS => "io_uring is not permitted to this process, as in many containers",
        FuseErrno.ENOMEM => $"no memory for the rings ({refusal.Message}); raise the limits of locked and virtual memory (ulimit -l, ulimit -v)",
        _ => $"a ring was refused: {refusal.Message}",
    };

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            // The kernel has no such thing.
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
