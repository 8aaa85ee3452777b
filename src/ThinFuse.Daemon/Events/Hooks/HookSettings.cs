namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>How hooks are run.</summary>
/// <param name="PoolDirectory">Absolute; hooks find it in THINFUSE_POOL.</param>
/// <param name="MountPoint">Absolute; hooks find it in THINFUSE_MOUNT.</param>
internal sealed record HookSettings(string PoolDirectory, string MountPoint)
{
    /// <summary>How long one run may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much later a run is ended also without the daemon, should that have died.</summary>
    public TimeSpan WardenPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long hooks may go on, with what they have begun and with what waits for them, when the daemon ends.</summary>
    public TimeSpan EndPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The environment of a hook: the daemon's, and what the hook is called about.</summary>
    public IEnumerable<string> Environment()
    {
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            if (variable.Key is not ("THINFUSE_POOL" or "THINFUSE_MOUNT"))
            {
                yield return $"{variable.Key}={variable.Value}";
            }
        }

        yield return $"THINFUSE_POOL={PoolDirectory}";
        yield return $"THINFUSE_MOUNT={MountPoint}";
    }
}
