using System.Diagnostics;

namespace ThinFuse.Pool.Tests.Ownership;

/// <summary>A directory seen through a read-only mount; gone when disposed. Skips the test where there can be none.</summary>
internal sealed class ReadOnlyView : IDisposable
{
    /// <param name="directory">What is seen.</param>
    /// <param name="mountPoint">Where it is seen; made for it.</param>
    internal ReadOnlyView(string directory, string mountPoint)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "mounting needs root");
        FullPath = Directory.CreateDirectory(mountPoint).FullName;
        Run("mount", "--bind", "-o", "ro", directory, mountPoint);
    }

    internal string FullPath { get; }

    public void Dispose() => Run("umount", FullPath);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }
}
