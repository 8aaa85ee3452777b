namespace ThinFuse.Pool;

/// <summary>What a repair saved and what it lost.</summary>
/// <param name="LossCount">How many losses there are; 0 when everything was saved.</param>
/// <param name="Losses">The first 1000 of them.</param>
/// <param name="Volumes">Volumes and snapshots in the new metadata.</param>
/// <param name="Layers">Layers in it.</param>
/// <param name="Extents">Extents that they own.</param>
public sealed record RepairReport(long LossCount, IReadOnlyList<RepairLoss> Losses, int Volumes, int Layers, long Extents);
