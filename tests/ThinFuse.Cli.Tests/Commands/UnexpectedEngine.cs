using ThinFuse.Cli.Engine;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Tests.Commands;

/// <summary>An engine that must not be reached: it fails in a way no command would.</summary>
internal sealed class UnexpectedEngine : IPoolTool, IDaemonRunner
{
    public PoolStatusResponse Create(string poolDirectory, PoolCreation creation) => throw Unexpected();

    public PoolStatusResponse GetStatus(string poolDirectory) => throw Unexpected();

    public PoolStatusResponse Update(string poolDirectory, PoolUpdateRequest request) => throw Unexpected();

    public PoolStatusResponse Grow(string poolDirectory, PoolGrowRequest request) => throw Unexpected();

    public PoolCheckResponse Check(string poolDirectory, IProgress<double>? progress) => throw Unexpected();

    public void Dump(string poolDirectory, TextWriter target) => throw Unexpected();

    public PoolStatusResponse Restore(TextReader dump, string poolDirectory, PoolRestoreOptions options) => throw Unexpected();

    public RepairReport Repair(string poolDirectory, string newPoolDirectory, bool force) => throw Unexpected();

    public ExtentUseResponse WhereIs(string poolDirectory, ExtentPlace place) => throw Unexpected();

    public void Run(DaemonSettings serving, Action<ServingState> onReady, CancellationToken stop) => throw Unexpected();

    private static InvalidOperationException Unexpected() => new("the engine was reached\nand should not have been");
}
