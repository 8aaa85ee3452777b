using System.Diagnostics;

namespace ThinFuse.Pool.Tests.Storage;

/// <summary>A loop device over a new file; detached when disposed. Skips the test where there can be none.</summary>
internal sealed class LoopDevice : IDisposable
{
    private LoopDevice(string devicePath) => DevicePath = devicePath;

    internal string DevicePath { get; }

    internal static LoopDevice Create(string imagePath, long lengthBytes)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "loop devices need root");
        Skip.IfNot(File.Exists("/dev/loop-control"), "this kernel has no loop devices");
        using (FileStream image = File.Create(imagePath))
        {
            image.SetLength(lengthBytes);
        }
        return new LoopDevice(Run("--find", "--show", imagePath).Trim());
    }

    public void Dispose() => Run("--detach", DevicePath);

    private static string Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"losetup exits with {process.ExitCode}");
    }
}
