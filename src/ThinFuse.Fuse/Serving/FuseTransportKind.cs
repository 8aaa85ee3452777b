namespace ThinFuse.Fuse.Serving;

/// <summary>How requests travel between kernel and session.</summary>
public enum FuseTransportKind
{
    /// <summary>Threads that read and write /dev/fuse.</summary>
    Device,

    /// <summary>FUSE over io_uring, or nothing: where the kernel does not have it, or does not allow it, the session does not start.</summary>
    Uring,

    /// <summary>FUSE over io_uring where the kernel has it and allows it, else the device. Never what a running session says.</summary>
    Automatic,
}
