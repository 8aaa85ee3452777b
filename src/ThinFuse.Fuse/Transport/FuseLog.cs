using Microsoft.Extensions.Logging;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport;

/// <summary>What this library logs.</summary>
internal static partial class FuseLog
{
    [LoggerMessage(1, LogLevel.Error, "{Opcode} on inode {NodeId} threw; answered with errno {Errno}")]
    public static partial void HandlerThrew(ILogger logger, FuseOpcode opcode, ulong nodeId, int errno, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "{Opcode} on inode {NodeId} threw after it was answered")]
    public static partial void HandlerThrewAfterAnswer(ILogger logger, FuseOpcode opcode, ulong nodeId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Malformed {Opcode} request {Unique} on inode {NodeId}; refused")]
    public static partial void Malformed(ILogger logger, FuseOpcode opcode, ulong unique, ulong nodeId);

    [LoggerMessage(4, LogLevel.Warning, "A message of {LengthBytes} bytes is too short to be a request; dropped")]
    public static partial void TooShort(ILogger logger, long lengthBytes);

    [LoggerMessage(5, LogLevel.Error, "The kernel refused the answer to {Opcode} on inode {NodeId} (unique {Unique}) with errno {Errno}")]
    public static partial void AnswerRefused(ILogger logger, FuseOpcode opcode, ulong nodeId, ulong unique, int errno);

    [LoggerMessage(6, LogLevel.Error, "The FUSE device cannot be read: errno {Errno}; the thread ends")]
    public static partial void DeviceFailed(ILogger logger, int errno);

    [LoggerMessage(7, LogLevel.Warning, "The FUSE device cannot be cloned: errno {Errno}; threads share one descriptor")]
    public static partial void CloneFailed(ILogger logger, int errno);

    [LoggerMessage(8, LogLevel.Warning, "{Count} threads still wait for the FUSE device after the session was disposed")]
    public static partial void ThreadsLeft(ILogger logger, int count);

    [LoggerMessage(9, LogLevel.Warning, "Cannot unmount {MountPoint}: {Reason}")]
    public static partial void UnmountFailed(ILogger logger, string mountPoint, string reason);

    [LoggerMessage(10, LogLevel.Debug, "{Opcode} on inode {NodeId} refused with errno {Errno}")]
    public static partial void HandlerRefused(ILogger logger, FuseOpcode opcode, ulong nodeId, int errno, Exception exception);

    [LoggerMessage(11, LogLevel.Critical, "A thread that reads the FUSE device failed and ends")]
    public static partial void ThreadFailed(ILogger logger, Exception exception);

    [LoggerMessage(12, LogLevel.Error, "The kernel refused an entry of ring {Queue}, last used for request {Unique}, with errno {Errno}")]
    public static partial void EntryRefused(ILogger logger, int queue, ulong unique, int errno);

    [LoggerMessage(13, LogLevel.Information, "Requests come through /dev/fuse: {Reason}")]
    public static partial void DeviceInstead(ILogger logger, string reason);

    [LoggerMessage(14, LogLevel.Debug, "Requests come over io_uring: {Queues} rings of {Entries} entries")]
    public static partial void OverRings(ILogger logger, int queues, int entries);

    [LoggerMessage(15, LogLevel.Error, "What answers say that were held could not be made true; they become EIO")]
    public static partial void SettleFailed(ILogger logger, Exception exception);

    [LoggerMessage(16, LogLevel.Debug, "No rings for the device: {Reason}; a thread for each request instead")]
    public static partial void NoDeviceRings(ILogger logger, string reason);
}
