using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Users;

/// <summary>A user without rights, with a home of its own; gone when disposed. /dev/fuse is open to all as distributions ship it.</summary>
internal sealed class UserAccount : IDisposable
{
    private const string Name = "thinfuse-e2e";

    private const UnixFileMode OpenToAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly UnixFileMode _deviceMode = File.GetUnixFileMode("/dev/fuse");

    public UserAccount(Scratch scratch)
    {
        Home = Path.Combine(scratch.NewDirectory("user"), "home");

        // One that an earlier run could not delete is in nobody's way.
        Tool.Run("userdel", Name);
        Tool.Run("useradd", "--system", "--create-home", "--home-dir", Home, "--shell", "/bin/sh", Name).MustSucceed();
        File.SetUnixFileMode("/dev/fuse", OpenToAll);
        Program = Path.Combine(Home, "..", "thinfuse", "thinfuse");
        Tool.Run("cp", "-r", Path.GetDirectoryName(ThinFuseProgram.FullPath)!, Path.GetDirectoryName(Program)!).MustSucceed();
        Tool.Run("chmod", "-R", "a+rX", Path.GetDirectoryName(Program)!).MustSucceed();
    }

    /// <summary>The home directory.</summary>
    public string Home { get; }

    /// <summary>A copy of the program that the user may run, wherever the repository lies.</summary>
    public string Program { get; }

    /// <summary>Runs a command as this user.</summary>
    public ToolResult Run(string program, params string[] arguments) =>
        Tool.Run("setpriv", [
            $"--reuid={Name}", $"--regid={Name}", "--clear-groups", "env", $"--chdir={Home}", $"HOME={Home}", program, .. arguments]);

    /// <summary>Runs thinfuse as this user.</summary>
    public ToolResult ThinFuse(params string[] arguments) => Run(Program, arguments);

    /// <inheritdoc/>
    public void Dispose()
    {
        File.SetUnixFileMode("/dev/fuse", _deviceMode);
        Tool.Run("userdel", Name).MustSucceed();
    }
}
