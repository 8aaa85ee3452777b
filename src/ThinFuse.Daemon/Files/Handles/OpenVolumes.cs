using ThinFuse.Pool;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Daemon.Files.Handles;

/// <summary>The volumes and snapshots that files are open on. Thread-safe.</summary>
internal sealed class OpenVolumes(ThinPool pool) : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<ulong, OpenVolume> _volumes = [];
    private int _openFiles;

    /// <summary>How many files are open on volumes and snapshots.</summary>
    public int OpenFiles => Volatile.Read(ref _openFiles);

    /// <summary>Counts one more open file; undone by <see cref="Release"/>.</summary>
    /// <exception cref="PoolException">NotFound: there is no such volume.</exception>
    public OpenVolume Acquire(ulong volumeId)
    {
        lock (_lock)
        {
            if (!_volumes.TryGetValue(volumeId, out OpenVolume? volume))
            {
                volume = new OpenVolume(pool.Open(volumeId));
                _volumes.Add(volumeId, volume);
            }

            volume.OpenFiles++;
            _openFiles++;
            return volume;
        }
    }

    /// <summary>An open file is gone; with the last one the content of a deleted volume goes too.</summary>
    public void Release(OpenVolume volume)
    {
        lock (_lock)
        {
            if (--_openFiles == 0)
            {
                Monitor.PulseAll(_lock);
            }

            if (--volume.OpenFiles > 0)
            {
                return;
            }

            _volumes.Remove(volume.Handle.Id);
        }

        volume.Handle.Dispose();
    }

    /// <summary>The state of an open volume, also of one whose name is gone; null when it is not open.</summary>
    public VolumeInfo? Find(ulong volumeId)
    {
        lock (_lock)
        {
            return _volumes.TryGetValue(volumeId, out OpenVolume? volume) ? volume.Handle.Info : null;
        }
    }

    /// <summary>Waits until no file is open; false when some still are when the time is up.</summary>
    public bool WaitUntilClosed(TimeSpan timeout) => Draining.WaitUntilNone(_lock, () => _openFiles, timeout);

    /// <summary>Lets go of everything that the kernel did not release, which it does not when the connection ends first.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (OpenVolume volume in _volumes.Values)
            {
                volume.Handle.Dispose();
            }

            _volumes.Clear();
            _openFiles = 0;
        }
    }
}
