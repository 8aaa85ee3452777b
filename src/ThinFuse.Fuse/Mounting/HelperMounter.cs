using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Native;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Mounting;

/// <summary>Mounts with the set-user-id program fusermount3, which passes the device back over a socket.</summary>
internal sealed unsafe class HelperMounter : IMounter
{
    private const string Program = "fusermount3";
    private const string SocketVariable = "_FUSE_COMMFD";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public SafeFileHandle Mount(string mountPoint, FuseMountOptions options)
    {
        int* pair = stackalloc int[2];
        if (Libc.SocketPair(Libc.AddressFamilyUnix, Libc.SocketStream | Libc.SocketCloseOnExec, 0, pair) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new FuseMountException(errno, $"cannot make a socket for {Program}: {FuseErrno.Describe(errno)}");
        }

        using SafeFileHandle ours = new(pair[0], ownsHandle: true);
        using (SafeFileHandle theirs = new(pair[1], ownsHandle: true))
        {
            // A program started by another thread at this moment inherits the socket too; nothing here waits for its end of file.
            if (Libc.FileControl(theirs, Libc.SetDescriptorFlags, 0) < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw new FuseMountException(errno, $"cannot pass a socket to {Program}: {FuseErrno.Describe(errno)}");
            }

            Run($"cannot mount on {mountPoint}", pair[1], ["-o", Options(options), "--", mountPoint]);
        }

        return Receive(ours, mountPoint);
    }

    public void Unmount(string mountPoint, bool lazy) =>
        Run($"cannot unmount {mountPoint}", null, lazy ? ["-u", "-z", "--", mountPoint] : ["-u", "--", mountPoint]);

    public bool TryAbort(MountTableEntry mount) => ControlFileSystem.TryAbort(mount.Device);

    private static string Options(FuseMountOptions options) =>
        $"fsname={Escape(options.Source)},subtype={Escape(options.Subtype)},max_read={options.MaxReadBytes},nosuid,nodev"
        + (options.DefaultPermissions ? ",default_permissions" : "")
        + (options.AllowOther ? ",allow_other" : "");

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    private static void Run(string failure, int? socket, string[] arguments)
    {
        ProcessStartInfo start = new(Program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        if (socket != null)
        {
            start.Environment[SocketVariable] = socket.Value.ToString(provider: null);
        }

        using Process helper = Start(start, failure);
        Task<string> words = helper.StandardError.ReadToEndAsync();
        if (!helper.WaitForExit(Patience))
        {
            helper.Kill();
            throw new FuseMountException(FuseErrno.ETIMEDOUT, $"{failure}: {Program} does not end");
        }

        if (helper.ExitCode != 0)
        {
            string said = words.GetAwaiter().GetResult().Trim().ReplaceLineEndings("; ");
            throw new FuseMountException(Errno(said), $"{failure}: {(said.Length > 0 ? said : $"{Program} failed with status {helper.ExitCode}")}");
        }
    }

    private static Process Start(ProcessStartInfo start, string failure)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{Program} was not started.");
        }
        catch (Win32Exception exception)
        {
            throw new FuseMountException(
                exception.NativeErrorCode,
                exception.NativeErrorCode == FuseErrno.ENOENT
                    ? $"{failure}: {Program} is not installed (package fuse3)"
                    : $"{failure}: cannot run {Program}: {FuseErrno.Describe(exception.NativeErrorCode)}");
        }
    }

    /// <summary>The helper gives words only.</summary>
    private static int Errno(string said)
    {
        int[] candidates = [FuseErrno.EPERM, FuseErrno.EACCES, FuseErrno.ENOENT, FuseErrno.ENODEV, FuseErrno.EBUSY, FuseErrno.EINVAL, FuseErrno.ENOTDIR];
        return candidates.FirstOrDefault(
            errno => said.Contains(Marshal.GetPInvokeErrorMessage(errno), StringComparison.OrdinalIgnoreCase), FuseErrno.EIO);
    }

    /// <summary>The helper has ended, so that its message is here or will never be.</summary>
    private static SafeFileHandle Receive(SafeFileHandle socket, string mountPoint)
    {
        byte letter;
        DescriptorMessage control;
        IoVector vector = new() { Address = &letter, LengthBytes = 1 };
        MessageHeader message = new()
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = &control,
            ControlLengthBytes = (nuint)sizeof(DescriptorMessage),
        };
        nint received;
        do
        {
            received = Libc.ReceiveMessage(socket, &message, Libc.MessageDoNotWait | Libc.MessageCloseOnExec);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == FuseErrno.EINTR);

        bool complete = received > 0
            && message.ControlLengthBytes >= DescriptorMessage.LengthWithDescriptorBytes
            && control is { Level: Libc.SocketLevel, Type: Libc.RightsMessage, LengthBytes: DescriptorMessage.LengthWithDescriptorBytes };
        return complete
            ? new SafeFileHandle(control.Descriptor, ownsHandle: true)
            : throw new FuseMountException(FuseErrno.EIO, $"cannot mount on {mountPoint}: {Program} passed no device back");
    }
}
