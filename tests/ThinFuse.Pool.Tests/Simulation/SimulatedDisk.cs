using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Tests.Simulation;

/// <summary>
/// A disk in memory that remembers every mutating I/O, and can show what would be left of it had the process died, or the power gone,
/// after any of them: one run of a workload gives every crash state.
/// </summary>
/// <remarks>
/// <para>
/// A workload notes <see cref="IoCount"/> as each of its steps is acknowledged: in a crash state made with at least that count, the step
/// counts as acknowledged.
/// </para>
/// <para>
/// Thread-safe; I/Os take effect one at a time. A flush or directory sync covers what was done when it was called, not what came in while
/// it was held.
/// A flush that failed fails again for every handle of the file, for the life of this object.
/// Relative paths start at <see cref="PoolDirectory"/>. A rename between directories is atomic, and durable with the target's directory.
/// </para>
/// </remarks>
internal sealed class SimulatedDisk : IStorage
{
    internal const string PoolDirectory = "/pool";

    /// <summary>Every so many I/Os a state is kept, from which later ones are replayed.</summary>
    private const int CheckpointIos = 32;

    private readonly Lock _lock = new();
    private readonly List<SimulatedIo> _log = [];
    private readonly List<DiskState> _checkpoints = [];
    private readonly List<SimulatedFault> _faults = [];
    private readonly List<SimulatedHold> _holds = [];
    private readonly Dictionary<int, int> _flushErrors = [];
    private readonly DiskState _state;
    private readonly long _firstSequence;
    private readonly int _boot;
    private int _nextInode;
    private DiskState? _replayed;
    private int _replayedIos;

    internal SimulatedDisk()
        : this(new DiskState("/", PoolDirectory), 0, 1)
    {
    }

    private SimulatedDisk(DiskState state, long firstSequence, int boot)
    {
        _state = state;
        _firstSequence = firstSequence;
        _boot = boot;
        _nextInode = state.NextInode;
        _checkpoints.Add(state.Clone());
    }

    /// <summary>
    /// What a file opened Direct demands of offsets, lengths and buffer addresses; breaking it is an <see cref="ArgumentException"/>.
    /// </summary>
    internal int DirectAlignmentBytes { get; init; } = 4096;

    /// <summary>Room for allocated pages; null is without limit.</summary>
    internal long? CapacityBytes { get; set; }

    /// <summary>Allocated pages of all files.</summary>
    internal long AllocatedBytes
    {
        get
        {
            lock (_lock)
            {
                return _state.AllocatedBytes;
            }
        }
    }

    public string BootId => $"boot-{_boot}";

    public string FullPath(string path) => Resolve(path);

    /// <summary>A hash of names and contents, and of the boot: equal disks have equal ones.</summary>
    internal ulong Fingerprint
    {
        get
        {
            lock (_lock)
            {
                return ContentHash.Mix(_state.Fingerprint, (ulong)_boot);
            }
        }
    }

    /// <summary>Mutating I/Os so far.</summary>
    internal int IoCount
    {
        get
        {
            lock (_lock)
            {
                return _log.Count;
            }
        }
    }

    /// <summary>The log, for messages of failing tests.</summary>
    internal IReadOnlyList<SimulatedIo> Log
    {
        get
        {
            lock (_lock)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>
    /// The disk as a process of the same boot sees it when another died after the first <paramref name="ioCount"/> I/Os, and, with
    /// <paramref name="tornBytes"/>, within the write that came next. What was unsynced is so still, and may be lost to a later power cut.
    /// </summary>
    internal SimulatedDisk AfterKill(int ioCount, int tornBytes = 0)
    {
        lock (_lock)
        {
            DiskState state = Replay(ioCount).Clone();
            if (tornBytes > 0 && ioCount < _log.Count && _log[ioCount] is { Kind: SimulatedIoKind.Write } next)
            {
                state.Apply(next.Prefix(Math.Min(tornBytes, next.Data.Length)));
            }
            return Successor(state, ioCount + 1, _boot);
        }
    }

    /// <summary>
    /// The disk after the power went out after the first <paramref name="ioCount"/> I/Os. Of what was not synced, the seed says what is
    /// left:
    /// nothing with 0, everything with 1, else some of it, torn at sectors and out of order.
    /// </summary>
    internal SimulatedDisk AfterPowerCut(int ioCount, int seed)
    {
        lock (_lock)
        {
            long endSequence = _firstSequence + ioCount;
            return Successor(Replay(ioCount).CutPower(seed, endSequence), ioCount + 1, _boot + 1);
        }
    }

    internal SimulatedFault Inject(SimulatedFault fault)
    {
        lock (_lock)
        {
            _faults.Add(fault);
            return fault;
        }
    }

    /// <summary>Faults stop striking; a failed flush stays failed.</summary>
    internal void ClearFaults()
    {
        lock (_lock)
        {
            _faults.Clear();
        }
    }

    /// <summary>Another process opens the files anew: it is not told of flushes that failed before.</summary>
    internal void ForgetFailedFlushes()
    {
        lock (_lock)
        {
            _flushErrors.Clear();
        }
    }

    /// <summary>Holds the matching I/O that comes after <paramref name="skip"/> others.</summary>
    internal SimulatedHold Hold(string pathPattern, SimulatedIoKind kinds, int skip = 0)
    {
        SimulatedHold hold = new(pathPattern, kinds, skip);
        lock (_lock)
        {
            _holds.Add(hold);
        }
        return hold;
    }

    public IStorageFile Open(string path, StorageOpenMode mode, StorageCaching caching)
    {
        string fullPath = Resolve(path);
        int alignmentBytes = caching == StorageCaching.Direct ? DirectAlignmentBytes : 1;
        bool isWritable = mode != StorageOpenMode.Read;
        if (mode == StorageOpenMode.CreateNew)
        {
            Pass(SimulatedIoKind.Create, fullPath);
        }
        lock (_lock)
        {
            int? inode = _state.FindFile(fullPath);
            if (mode == StorageOpenMode.CreateNew)
            {
                Require(!_state.Exists(fullPath), Errno.EEXIST, "open", fullPath);
                Require(_state.IsDirectory(Path.GetDirectoryName(fullPath)!), Errno.ENOENT, "open", fullPath);
                inode = _nextInode++;
                Record(new SimulatedIo(NextSequence, SimulatedIoKind.Create, fullPath) { Inode = inode.Value });
            }
            Require(!_state.IsDirectory(fullPath), Errno.EISDIR, "open", fullPath);
            Require(inode is not null, Errno.ENOENT, "open", fullPath);
            return new SimulatedFile(this, fullPath, inode!.Value, alignmentBytes, isWritable);
        }
    }

    public bool Exists(string path)
    {
        lock (_lock)
        {
            return _state.Exists(Resolve(path));
        }
    }

    public IReadOnlyList<string> List(string directory)
    {
        string fullPath = Resolve(directory);
        lock (_lock)
        {
            return [.. _state.Names.Where(path => Path.GetDirectoryName(path) == fullPath).Select(path => Path.GetFileName(path))];
        }
    }

    public void CreateDirectory(string directory)
    {
        string fullPath = Resolve(directory);
        if (Path.GetDirectoryName(fullPath) is { } parent && !Exists(parent))
        {
            CreateDirectory(parent);
        }
        Pass(SimulatedIoKind.CreateDirectory, fullPath);
        lock (_lock)
        {
            Require(_state.FindFile(fullPath) is null, Errno.EEXIST, "create directory", fullPath);
            if (!_state.Exists(fullPath))
            {
                Record(new SimulatedIo(NextSequence, SimulatedIoKind.CreateDirectory, fullPath));
            }
        }
    }

    public void Delete(string path)
    {
        string fullPath = Resolve(path);
        Pass(SimulatedIoKind.Delete, fullPath);
        lock (_lock)
        {
            Require(!_state.IsDirectory(fullPath), Errno.EISDIR, "delete", fullPath);
            if (_state.FindFile(fullPath) is { } inode)
            {
                Record(new SimulatedIo(NextSequence, SimulatedIoKind.Delete, fullPath) { Inode = inode });
            }
        }
    }

    public void Rename(string from, string to)
    {
        string fullFrom = Resolve(from);
        string fullTo = Resolve(to);
        Pass(SimulatedIoKind.Rename, fullFrom);
        lock (_lock)
        {
            Require(!_state.IsDirectory(fullFrom) && !_state.IsDirectory(fullTo), Errno.EISDIR, "rename", fullFrom);
            bool isPossible = _state.FindFile(fullFrom) is not null && _state.IsDirectory(Path.GetDirectoryName(fullTo)!);
            Require(isPossible, Errno.ENOENT, "rename", fullFrom);
            Record(new SimulatedIo(NextSequence, SimulatedIoKind.Rename, fullFrom)
            {
                Inode = _state.FindFile(fullFrom)!.Value,
                Target = fullTo,
            });
        }
    }

    public void SyncDirectory(string directory)
    {
        string fullPath = Resolve(directory);
        long covers = NextSequence;
        Pass(SimulatedIoKind.SyncDirectory, fullPath);
        lock (_lock)
        {
            Require(_state.IsDirectory(fullPath), Errno.ENOENT, "sync directory", fullPath);
            Record(new SimulatedIo(NextSequence, SimulatedIoKind.SyncDirectory, fullPath) { Covers = covers });
        }
    }

    internal long LengthBytes(SimulatedFile file)
    {
        lock (_lock)
        {
            return _state.Seen(file.Inode).LengthBytes;
        }
    }

    internal HostSpace HostOf(SimulatedFile file)
    {
        lock (_lock)
        {
            long availableBytes = CapacityBytes is { } capacityBytes ? Math.Max(0, capacityBytes - _state.AllocatedBytes) : long.MaxValue;
            return new HostSpace(1, availableBytes, (long)_state.Seen(file.Inode).PageCount * PagedContent.PageBytes);
        }
    }

    /// <summary>The first allocated byte of a file at or after an offset; its length when there is none.</summary>
    internal long NextData(SimulatedFile file, long offsetBytes)
    {
        lock (_lock)
        {
            return _state.Seen(file.Inode).NextData(offsetBytes);
        }
    }

    internal void Read(SimulatedFile file, long offsetBytes, Span<byte> buffer)
    {
        Pass(SimulatedIoKind.Read, file.Path, offsetBytes, buffer.Length);
        lock (_lock)
        {
            _state.Seen(file.Inode).Read(offsetBytes, buffer);
        }
    }

    /// <summary>Write, Allocate, Punch or SetLength.</summary>
    internal void Change(SimulatedFile file, SimulatedIoKind kind, long offsetBytes, long lengthBytes, byte[] data)
    {
        SimulatedFault? fault = Enter(kind, file.Path, offsetBytes, lengthBytes);
        lock (_lock)
        {
            SimulatedIo io = new(NextSequence, kind, file.Path)
            {
                Inode = file.Inode,
                OffsetBytes = offsetBytes,
                LengthBytes = lengthBytes,
                Data = data,
            };
            if (fault is not null)
            {
                if (fault.PartialBytes > 0 && kind == SimulatedIoKind.Write)
                {
                    Record(io.Prefix(Math.Min(fault.PartialBytes, data.Length)));
                }
                throw fault.ToException(kind, file.Path);
            }
            if (CapacityBytes is { } capacityBytes && kind is SimulatedIoKind.Write or SimulatedIoKind.Allocate)
            {
                long missingBytes = (long)_state.Seen(file.Inode).CountMissingPages(offsetBytes, lengthBytes) * PagedContent.PageBytes;
                bool fits = missingBytes == 0 || _state.AllocatedBytes + missingBytes <= capacityBytes;
                Require(fits, Errno.ENOSPC, kind.ToString(), file.Path);
            }
            Record(io);
        }
    }

    internal void Flush(SimulatedFile file)
    {
        long covers = NextSequence;
        SimulatedFault? fault = Enter(SimulatedIoKind.Flush, file.Path);
        lock (_lock)
        {
            if (fault is not null)
            {
                _flushErrors.TryAdd(file.Inode, fault.ErrorNumber);
                if (fault.LosesUnflushed && file.AlignmentBytes == 1)
                {
                    Record(new SimulatedIo(NextSequence, SimulatedIoKind.LostFlush, file.Path) { Inode = file.Inode, Covers = covers });
                }
            }
            if (_flushErrors.TryGetValue(file.Inode, out int errno))
            {
                throw new StorageException(errno, "flush", file.Path);
            }
            Record(new SimulatedIo(NextSequence, SimulatedIoKind.Flush, file.Path) { Inode = file.Inode, Covers = covers });
        }
    }

    private long NextSequence
    {
        get
        {
            lock (_lock)
            {
                return _firstSequence + _log.Count;
            }
        }
    }

    private static void Require(bool condition, int errno, string operation, string path)
    {
        if (!condition)
        {
            throw new StorageException(errno, operation, path);
        }
    }

    private static string Resolve(string path) => Path.GetFullPath(path, PoolDirectory);

    private SimulatedDisk Successor(DiskState state, int ioCount, int boot) =>
        new(state, _firstSequence + ioCount, boot) { DirectAlignmentBytes = DirectAlignmentBytes, CapacityBytes = CapacityBytes };

    /// <summary>The state after so many I/Os, which the caller must not change: the next call begins with it when that comes later.</summary>
    private DiskState Replay(int ioCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ioCount, _log.Count);
        int checkpoint = ioCount / CheckpointIos * CheckpointIos;
        if (_replayed is null || _replayedIos > ioCount || _replayedIos < checkpoint)
        {
            (_replayed, _replayedIos) = (_checkpoints[ioCount / CheckpointIos].Clone(), checkpoint);
        }
        while (_replayedIos < ioCount)
        {
            _replayed.Apply(_log[_replayedIos++]);
        }
        return _replayed;
    }

    private void Record(SimulatedIo io)
    {
        _state.Apply(io);
        _log.Add(io);
        if (_log.Count % CheckpointIos == 0)
        {
            _checkpoints.Add(_state.Clone());
        }
    }

    private void Pass(SimulatedIoKind kind, string path, long offsetBytes = 0, long lengthBytes = long.MaxValue)
    {
        if (Enter(kind, path, offsetBytes, lengthBytes) is { } fault)
        {
            throw fault.ToException(kind, path);
        }
    }

    /// <summary>Where holds stop an I/O, before it takes effect; returns the fault that it dies of.</summary>
    private SimulatedFault? Enter(SimulatedIoKind kind, string path, long offsetBytes = 0, long lengthBytes = long.MaxValue)
    {
        SimulatedHold? hold;
        lock (_lock)
        {
            hold = _holds.Find(candidate => candidate.Catches(kind, path));
        }
        hold?.StopHere();
        lock (_lock)
        {
            return _faults.Find(candidate => candidate.Strikes(kind, path, offsetBytes, lengthBytes));
        }
    }
}
