namespace ThinFuse.Fuse.Tests.Mounts;

/// <summary>Tests that mount run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MountsCollection : ICollectionFixture<UringSwitch>
{
    public const string Name = "mounts";
}
