using ThinFuse.Pool.Operations;
using ThinFuse.Pool.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>A write of one block or more, in steps, as a server without a thread per request makes it.</summary>
internal sealed class SpaceWaiter(VolumeHandle volume, long offsetBytes, byte[] data) : IParked, IDisposable
{
    private readonly WriteOperation _operation = volume.RentWrite();
    private readonly SemaphoreSlim _resumed = new(0);

    /// <summary>Whether the engine has asked to map again, and it was not done yet.</summary>
    internal bool IsResumed => _resumed.CurrentCount != 0;

    /// <summary>Starts, or goes on after a resume.</summary>
    internal MapOutcome Map() => volume.MapWrite(_operation, offsetBytes, data, this);

    /// <summary>Waits until the engine asks to map again, and does so.</summary>
    internal MapOutcome MapWhenResumed()
    {
        _resumed.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue("somebody resumes a parked write");
        return Map();
    }

    /// <summary>Moves the data onto a host that has no room for it.</summary>
    internal MapOutcome MoveToFullHost()
    {
        Action move = () => _operation.Move(data);
        move.Should().Throw<StorageException>().Which.IsNoSpace.Should().BeTrue();
        return volume.MeetFullHost(_operation, this);
    }

    internal void Finish()
    {
        _operation.Move(data);
        _operation.Publish();
    }

    /// <summary>Gives up, wherever it is.</summary>
    internal void Cancel() => _operation.Abort();

    public void Resume() => _resumed.Release();

    public void Dispose()
    {
        volume.Return(_operation);
        _resumed.Dispose();
    }
}
