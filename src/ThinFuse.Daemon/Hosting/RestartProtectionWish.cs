namespace ThinFuse.Daemon.Hosting;

/// <summary>Whether a mount is to live on when its process dies.</summary>
public enum RestartProtectionWish
{
    /// <summary>Where that is possible.</summary>
    Automatic,

    /// <summary>It must; what stands in the way is the error of the mount. Requests come through the device.</summary>
    Required,

    /// <summary>It need not.</summary>
    Off,
}
