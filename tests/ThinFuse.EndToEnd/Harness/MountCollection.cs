namespace ThinFuse.EndToEnd.Harness;

/// <summary>Mounts and loop devices are the machine's, so one test has them at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MountCollection : ICollectionFixture<Scratch>
{
    public const string Name = "mounts";
}
