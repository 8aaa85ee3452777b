namespace ThinFuse.Daemon.Tests.Support;

/// <summary>Tests that mount run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MountCollection
{
    public const string Name = "mounts";
}
