using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary>The options that say how a pool behaves, for the commands that make a pool or change one.</summary>
internal sealed class SettingOptions
{
    private readonly Option<NoSpacePolicy?> _noSpace = new("--no-space")
    {
        Description = "What a write meets when the pool is full: error (refused at once), queue (waits for space).",
        HelpName = "error|queue",
        CustomParser = Input.Parse<NoSpacePolicy?>(TryParsePolicy),
    };

    private readonly Option<long?> _timeout = new("--no-space-timeout")
    {
        Description = "How long a write waits under queue, such as 60s; 0 for as long as it takes.",
        HelpName = "DURATION",
        CustomParser = Input.Parse<long?>(TryParseTimeout),
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_noSpace);
        command.Add(_timeout);
    }

    /// <summary>What is given.</summary>
    public PoolUpdateRequest Of(ParseResult parse) => new(parse.GetValue(_noSpace), parse.GetValue(_timeout));

    private static bool TryParsePolicy(string text, out NoSpacePolicy? policy, out string problem)
    {
        policy = text switch
        {
            "error" => NoSpacePolicy.Error,
            "queue" => NoSpacePolicy.Queue,
            _ => null,
        };
        problem = policy is null ? $"'{text}' is no policy; give error or queue" : "";
        return policy is not null;
    }

    private static bool TryParseTimeout(string text, out long? timeoutMs, out string problem)
    {
        if (text == "0")
        {
            (timeoutMs, problem) = (0, "");
            return true;
        }

        bool isDuration = Duration.TryParse(text, out TimeSpan duration, out problem);
        timeoutMs = (long)duration.TotalMilliseconds;
        return isDuration;
    }
}
