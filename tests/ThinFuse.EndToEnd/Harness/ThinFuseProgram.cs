using System.Text.Json;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>The published program, as a user has it.</summary>
internal static class ThinFuseProgram
{
    private const string OverrideVariable = "THINFUSE_BIN";

    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(5);
    private static readonly Lazy<string> Program = new(Find);

    /// <summary>The executable.</summary>
    public static string FullPath => Program.Value;

    /// <summary>Runs a command.</summary>
    public static ToolResult Run(params string[] arguments) => Tool.Run(FullPath, arguments);

    /// <summary>Starts a command that runs beside the test.</summary>
    public static RunningTool Start(params string[] arguments) => Tool.Start(FullPath, arguments);

    /// <summary>Runs a command that must succeed, and reads its result.</summary>
    public static JsonElement Json(params string[] arguments) => Parse(Run([.. arguments, "--json"]).MustSucceed().Output);

    /// <summary>Reads JSON.</summary>
    public static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } given)
        {
            return Path.GetFullPath(given);
        }

        string root = Repository;
        string program = Path.Combine(root, "artifacts", "thinfuse", "thinfuse");
        if (!File.Exists(program))
        {
            Tool.Run(BuildPatience, Path.Combine(root, "scripts", "build"), []).MustSucceed();
        }

        return program;
    }

    /// <summary>The repository that these tests lie in.</summary>
    public static string Repository => RepositoryRoot();

    private static string RepositoryRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "ThinFuse.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository; set {OverrideVariable}");
    }
}
