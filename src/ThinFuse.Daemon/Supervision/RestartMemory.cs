using System.ComponentModel;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Supervision;

/// <summary>
/// The memory that a server shares with its successors: the handles that the kernel holds, and the changes of names that are under way. A file without a name,
/// which lives as long as the supervisor holds it; what is stored there is there for the successor, wherever this process dies.
/// </summary>
/// <remarks>Only touched when files are opened and closed and names change, never for a read or write.</remarks>
internal sealed unsafe class RestartMemory : IDisposable
{
    /// <summary>Most handles at a time.</summary>
    public const int HandleCount = 1 << 20;

    /// <summary>How many changes are remembered: more than can be under way at once.</summary>
    public const int ChangeCount = 1024;

    /// <summary>How many open files that are polled are remembered.</summary>
    public const int PollCount = 64;

    private const long PollsAt = 64;

    private const ulong Magic = 0x54525453_4E494854;
    private const uint Version = 1;
    private const long ChangesAt = 4096;
    private const long HandlesAt = ChangesAt + (ChangeCount * (long)KeptChange.SizeBytes);
    private const long LengthBytes = HandlesAt + (HandleCount * (long)KeptHandle.SizeBytes);

    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private RestartMemory(SafeFileHandle file)
    {
        File = file;
        _mapping = MemoryMappedFile.CreateFromFile(
            file, null, LengthBytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, LengthBytes);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start;
    }

    /// <summary>The file, to be kept by the supervisor.</summary>
    public SafeFileHandle File { get; }

    /// <summary>The number of the next event.</summary>
    public ref long NextEvent => ref *(long*)(_start + 16);

    /// <summary>How many handles have ever been given.</summary>
    public ref long HandlesGiven => ref *(long*)(_start + 24);

    /// <summary>How many of the first slots of <see cref="Handles"/> have ever been used.</summary>
    public ref long HandleSlotsUsed => ref *(long*)(_start + 32);

    /// <summary>How many changes have ever begun.</summary>
    public ref long ChangesBegun => ref *(long*)(_start + 40);

    /// <summary>Whom to wake of those who poll; 0 where a slot is free.</summary>
    public Span<ulong> Polls => new(_start + PollsAt, PollCount);

    /// <summary>The slots of handles.</summary>
    public KeptHandle* Handles => (KeptHandle*)(_start + HandlesAt);

    /// <summary>The ring of the last changes.</summary>
    public KeptChange* Changes => (KeptChange*)(_start + ChangesAt);

    /// <summary>Fresh memory.</summary>
    /// <exception cref="Win32Exception">There is none.</exception>
    public static RestartMemory Create()
    {
        int descriptor = SupervisionLibc.CreateMemoryFile("thinfuse-restart", SupervisionLibc.MemoryCloseOnExec);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        SafeFileHandle file = new(descriptor, ownsHandle: true);
        RandomAccess.SetLength(file, LengthBytes);
        RestartMemory memory = new(file) { NextEvent = 1 };
        *(ulong*)memory._start = Magic;
        *(uint*)(memory._start + 8) = Version;
        return memory;
    }

    /// <summary>The memory of a process before this one.</summary>
    /// <exception cref="InvalidDataException">It is of another version.</exception>
    public static RestartMemory Adopt(SafeFileHandle file)
    {
        if (RandomAccess.GetLength(file) == LengthBytes)
        {
            RestartMemory memory = new(file);
            if (*(ulong*)memory._start == Magic && *(uint*)(memory._start + 8) == Version)
            {
                return memory;
            }

            memory.Dispose();
        }

        throw new InvalidDataException("the server before this one was of a version that this one cannot take over from; unmount, and mount again");
    }

    /// <summary>Unmaps it, and closes the file.</summary>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
        File.Dispose();
    }
}
