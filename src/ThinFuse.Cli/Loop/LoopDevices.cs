using System.Globalization;
using System.Runtime.InteropServices;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Native;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Loop;

/// <summary>Loop devices, through losetup and sysfs.</summary>
internal static class LoopDevices
{
    private const string Tool = "losetup";
    private const string Package = "util-linux";

    // The largest FUSE request is 1 MiB: a block request up to there stays one request.
    private const int MaxSectorsKib = 1024;

    /// <summary>Every attached loop device and the file behind it, by the name the kernel remembers.</summary>
    public static IEnumerable<(string Device, string File)> BackingFiles()
    {
        foreach (string block in Directory.EnumerateDirectories("/sys/block", "loop*"))
        {
            if (ReadOrNull(Path.Combine(block, "loop/backing_file")) is { } file)
            {
                yield return ("/dev/" + Path.GetFileName(block), file);
            }
        }
    }

    /// <summary>The devices on this file, by device and inode.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(string path, CancellationToken cancel)
    {
        ProcessOutcome outcome = await ProcessRunner.RunAsync(
            Tool, Package, ["--associated", path, "--noheadings", "--output", "NAME"], cancel).ConfigureAwait(false);
        return outcome.Succeeded
            ? outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : throw new CommandFailure(ControlErrorKind.Failed, $"losetup cannot tell what is attached: {outcome.Errors}");
    }

    /// <summary>Attaches a file with direct I/O.</summary>
    /// <returns>The device.</returns>
    public static async Task<string> AttachAsync(string path, bool readOnly, CancellationToken cancel)
    {
        List<string> arguments = ["--find", "--show", "--direct-io=on"];
        if (readOnly)
        {
            arguments.Add("--read-only");
        }

        ProcessOutcome outcome = await ProcessRunner.RunAsync(Tool, Package, [.. arguments, path], cancel).ConfigureAwait(false);
        return outcome.Succeeded
            ? outcome.Output
            : throw new CommandFailure(ControlErrorKind.Failed, $"{path} cannot be attached: {outcome.Errors}");
    }

    /// <summary>Keeps one block request one FUSE request. Fails where sysfs is not writable, as in many containers.</summary>
    public static void LimitRequestSize(string device)
    {
        string limit = Path.Combine("/sys/block", Path.GetFileName(device), "queue/max_sectors_kb");
        if (int.Parse(File.ReadAllText(limit), CultureInfo.InvariantCulture) > MaxSectorsKib)
        {
            File.WriteAllText(limit, MaxSectorsKib.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Detaches a device that nobody uses.</summary>
    /// <exception cref="CommandFailure">Busy: it is mounted, or otherwise held.</exception>
    public static async Task DetachAsync(string device, CancellationToken cancel)
    {
        // An exclusive open is refused while a filesystem, a mapping or swap holds the device; losetup would only detach it later then.
        int descriptor = Posix.Open(device, Posix.O_RDONLY | Posix.O_EXCL | Posix.O_CLOEXEC, 0);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Posix.EBUSY)
        {
            throw new CommandFailure(ControlErrorKind.Busy, $"{device} is in use{LoopUsers.Describe(device)}; unmount it first");
        }

        if (descriptor >= 0)
        {
            _ = Posix.Close(descriptor);
        }

        ProcessOutcome outcome = await ProcessRunner.RunAsync(Tool, Package, ["--detach", device], cancel).ConfigureAwait(false);
        if (!outcome.Succeeded)
        {
            throw new CommandFailure(ControlErrorKind.Failed, $"{device} cannot be detached: {outcome.Errors}");
        }
    }

    private static string? ReadOrNull(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\n');
        }
        catch (IOException)
        {
            // No file, or no longer: the device is not attached.
            return null;
        }
    }
}
