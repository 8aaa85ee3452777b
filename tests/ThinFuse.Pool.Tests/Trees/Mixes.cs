namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Workloads for pools.</summary>
internal static class Mixes
{
    /// <summary>All operations that there are, beside each other.</summary>
    /// <param name="context">The pool.</param>
    /// <param name="shelf">Where its streams go, and where it gets some from.</param>
    /// <param name="images">What volumes are made on.</param>
    internal static Workload Everything(WorkloadContext context, StreamShelf shelf, OriginImages images)
    {
        ContentOperations content = new(context);
        TreeOperations tree = new(context);
        NameOperations names = new(context);
        OriginOperations origins = new(context, images);
        PromiseOperations promises = new(context);
        SendOperations send = new(context, shelf);
        ReceiveOperations receive = new(context, shelf);
        UpkeepOperations upkeep = new(context);
        return new Workload(
            context, (25, content.Write), (7, content.Punch), (2, content.Allocate), (4, content.Resize),
            (3, tree.Create), (10, tree.Snapshot), (4, tree.Clone), (1, tree.CloneInto), (6, tree.RollBack), (2, tree.Flatten), (4, tree.FlattenSome),
            (9, names.Delete), (2, names.Rename), (2, names.Hold), (2, names.Release),
            (5, origins.Create), (2, origins.Hydrate), (8, origins.HydrateSome), (context.Settings.IsExact ? 0 : 1, origins.Move),
            (4, promises.SetPolicy), (3, promises.Provision),
            (5, send.Send), (5, receive.Receive), (4, receive.GoOn), (4, receive.Finish),
            (6, upkeep.Reclaim), (3, upkeep.Flush), (2, upkeep.Checkpoint), (1, upkeep.Reopen), (context.Settings.IsExact ? 0 : 1, upkeep.Kill));
    }

    /// <summary>Trees above external origins.</summary>
    internal static Workload OnOrigins(WorkloadContext context, OriginImages images)
    {
        ContentOperations content = new(context);
        TreeOperations tree = new(context);
        NameOperations names = new(context);
        OriginOperations origins = new(context, images);
        UpkeepOperations upkeep = new(context);
        LookOperations look = new(context);
        return new Workload(
            context, (27, content.Write), (2, look.Seek), (12, content.Punch), (4, content.Allocate), (8, content.Resize),
            (2, tree.Create), (4, tree.Snapshot), (4, tree.Clone), (7, names.Delete),
            (6, origins.Create), (5, origins.Hydrate), (6, origins.HydrateSome),
            (6, upkeep.Reclaim), (4, upkeep.Flush), (3, upkeep.Checkpoint), (1, upkeep.Reopen), (context.Settings.IsExact ? 0 : 1, upkeep.Kill));
    }

    /// <summary>Trees of snapshots alone.</summary>
    internal static Workload OfTrees(WorkloadContext context)
    {
        ContentOperations content = new(context);
        TreeOperations tree = new(context);
        NameOperations names = new(context);
        UpkeepOperations upkeep = new(context);
        return new Workload(
            context, (41, content.Write), (10, content.Punch), (4, content.Resize),
            (4, tree.Create), (13, tree.Snapshot), (5, tree.Clone), (9, tree.RollBack), (4, tree.Flatten), (8, names.Delete), (2, upkeep.Reclaim));
    }

    /// <summary>Mostly reads and writes.</summary>
    internal static Workload OfData(WorkloadContext context)
    {
        ContentOperations content = new(context);
        LookOperations look = new(context);
        TreeOperations tree = new(context);
        NameOperations names = new(context);
        UpkeepOperations upkeep = new(context);
        return new Workload(
            context, (46, content.Write), (16, look.Read), (3, look.Seek), (8, content.Punch), (2, content.Allocate), (2, content.Resize),
            (3, tree.Create), (3, tree.Snapshot), (2, tree.Clone), (5, names.Delete), (2, tree.RollBack), (1, tree.Flatten), (2, names.Rename),
            (2, upkeep.Reclaim), (1, upkeep.Reopen), (1, upkeep.Kill));
    }
}
