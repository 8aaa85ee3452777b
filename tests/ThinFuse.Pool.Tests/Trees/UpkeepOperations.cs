namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What changes nothing that is seen.</summary>
internal sealed class UpkeepOperations(WorkloadContext context)
{
    internal Done? Reclaim()
    {
        context.Pool.ReclaimNow();
        return new Done("reclaim", IsDurable: false);
    }

    internal Done? Flush()
    {
        context.Pool.Commit();
        return new Done("flush", IsDurable: true);
    }

    internal Done? Checkpoint()
    {
        context.Pool.Checkpoint();
        return new Done("checkpoint", IsDurable: true);
    }

    internal Done? Reopen()
    {
        context.Test.CloseAndReopen();
        return new Done("close and open", IsDurable: true);
    }

    internal Done? Kill()
    {
        context.Test.KillAndReopen();
        return new Done("kill and open", IsDurable: false);
    }
}
