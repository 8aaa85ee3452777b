namespace ThinFuse.Cli.Addressing;

/// <summary>A pool and the place where it is mounted.</summary>
/// <param name="PoolDirectory">The pool directory, absolute.</param>
/// <param name="MountPoint">The mount point, absolute.</param>
/// <param name="OwnerUid">The user who mounted it, the only one who may enter unless others are allowed.</param>
/// <param name="OthersAllowed">Whether it was mounted with allow_other.</param>
internal sealed record MountedPool(string PoolDirectory, string MountPoint, uint OwnerUid, bool OthersAllowed)
{
    private const string UserIdOption = "user_id=";

    public static MountedPool From(MountEntry entry) => new(
        entry.Source,
        entry.MountPoint,
        entry.Options.Where(option => option.StartsWith(UserIdOption, StringComparison.Ordinal))
            .Select(option => uint.TryParse(option.AsSpan(UserIdOption.Length), out uint uid) ? uid : 0)
            .FirstOrDefault(),
        entry.Options.Contains("allow_other"));
}
