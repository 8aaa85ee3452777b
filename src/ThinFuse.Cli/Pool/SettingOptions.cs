using System.CommandLine;
using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Values;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Pool;

/// <summary>The options that say how a pool behaves, for the commands that make a pool or change one.</summary>
internal sealed class SettingOptions
{
    private const string On = "on";

    private readonly Option<NoSpacePolicy?> _noSpace = new("--no-space")
    {
        Description = "What a write meets when the pool is full: error (refused at once), queue (waits for space).",
        HelpName = "error|queue",
        CustomParser = Input.Words<NoSpacePolicy?>("no policy", ("error", NoSpacePolicy.Error), ("queue", NoSpacePolicy.Queue)),
    };

    private readonly Option<long?> _timeout = new("--no-space-timeout")
    {
        Description = "How long a write waits under queue, such as 60s; 0 for as long as it takes.",
        HelpName = "DURATION",
        CustomParser = Input.Parse<long?>(TryParseTimeout),
    };

    private readonly Option<string?> _lowWater = new("--low-water")
    {
        Description = "Raise the event low_water when so much or less is free, such as 10% or 5G.",
        HelpName = Amount.Forms,
        CustomParser = Input.Parse<string?>(Amount.TryParse),
    };

    private readonly Option<string?> _autoExtend = new("--auto-extend")
    {
        Description = "Grow the last node file by so much at the low-water mark (10% unless set), and when a write finds no space.",
        HelpName = Amount.Forms,
        CustomParser = Input.Parse<string?>(Amount.TryParse),
    };

    private readonly Option<long?> _maxSize = new("--max-size")
    {
        Description = "The size that --auto-extend stops at; off for as far as the host has room.",
        HelpName = "SIZE|off",
        CustomParser = Input.Parse<long?>(Amount.TryParseLimit),
    };

    private readonly Option<DiscardPolicy?> _discard = new("--discard")
    {
        Description = "Whether the host gets the space of free extents back: passdown (the default with --preallocation off) or keep.",
        HelpName = "passdown|keep",
        CustomParser = Input.Words<DiscardPolicy?>("no policy", ("passdown", DiscardPolicy.Passdown), ("keep", DiscardPolicy.Keep)),
    };

    // A boolean option would take no other words than true and false.
    private readonly Option<string?> _strict = new("--strict")
    {
        Description = "on: refuse volumes, sizes, clones and snapshots that would promise more than the pool has.",
        HelpName = "on|off",
        CustomParser = Input.Words<string?>("neither", (On, On), ("off", "off")),
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_noSpace);
        command.Add(_timeout);
        command.Add(_lowWater);
        command.Add(_autoExtend);
        command.Add(_maxSize);
        command.Add(_discard);
        command.Add(_strict);
    }

    /// <summary>What is given.</summary>
    public PoolUpdateRequest Of(ParseResult parse) => new(parse.GetValue(_noSpace), parse.GetValue(_timeout))
    {
        LowWater = parse.GetValue(_lowWater),
        AutoExtend = parse.GetValue(_autoExtend),
        MaxSizeBytes = parse.GetValue(_maxSize),
        DiscardPolicy = parse.GetValue(_discard),
        Strict = parse.GetValue(_strict) is { } word ? word == On : null,
    };

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
