using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Cli.Errors;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Transfer;

/// <summary>A volume's or snapshot's file in the mount, read and written at places. Errors say which file.</summary>
internal sealed partial class MountedFile : IDisposable
{
    private const int NoSpace = 28;
    private const int WouldBlock = 11;
    private const int Busy = 16;
    private const int Interrupted = 4;
    private const int PunchHoleKeepSize = 3;

    private readonly string _path;
    private readonly SafeFileHandle _file;

    private MountedFile(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens a file to read; its content stays, even if the name goes.</summary>
    public static MountedFile OpenRead(string path) => Open(path, FileAccess.Read, FileShare.ReadWrite);

    /// <summary>Opens a file to write, for this process alone among those that do the same.</summary>
    public static MountedFile OpenWrite(string path) => Open(path, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Fills the buffer.</summary>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        for (int done = 0; done < buffer.Length;)
        {
            int read = ReadSome(offsetBytes + done, buffer[done..]);
            done += read > 0 ? read : throw new CommandFailure(ControlErrorKind.Failed, $"{_path} ends at byte {offsetBytes + done}, before its end");
        }
    }

    /// <summary>Writes all of it.</summary>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        try
        {
            RandomAccess.Write(_file, data, offsetBytes);
        }
        catch (IOException e)
        {
            throw Failure(offsetBytes, e);
        }
    }

    /// <summary>Makes a range read as zero, and gives its space back.</summary>
    public void Punch(long offsetBytes, long lengthBytes)
    {
        while (Allocate(_file, PunchHoleKeepSize, offsetBytes, lengthBytes) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted)
            {
                throw Failure(offsetBytes, new IOException(Marshal.GetPInvokeErrorMessage(errno), errno));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static MountedFile Open(string path, FileAccess access, FileShare share)
    {
        try
        {
            return new MountedFile(path, File.OpenHandle(path, FileMode.Open, access, share));
        }
        catch (FileNotFoundException e)
        {
            throw new CommandFailure(ControlErrorKind.NotFound, $"there is no {path} any more", e);
        }
        catch (IOException e) when (e.HResult is WouldBlock or Busy)
        {
            throw new CommandFailure(ControlErrorKind.Busy, $"another command writes into {path}; wait for it, or end it", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ControlErrorKind.Failed, $"{path} cannot be opened: {e.Message}", e);
        }
    }

    private int ReadSome(long offsetBytes, Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(_file, buffer, offsetBytes);
        }
        catch (IOException e)
        {
            throw Failure(offsetBytes, e);
        }
    }

    /// <summary>The errno in words: the runtime's own message would name the file a second time.</summary>
    private CommandFailure Failure(long offsetBytes, IOException cause) => new(
        cause.HResult == NoSpace ? ControlErrorKind.NoSpace : ControlErrorKind.Failed,
        $"{_path} offset {offsetBytes}: {(cause.HResult > 0 ? Marshal.GetPInvokeErrorMessage(cause.HResult) : cause.Message)}",
        cause);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
