using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Output;
using ThinFuse.Cli.Supervision;

try
{
    // The supervisor lives as long as a mount, and needs no commands.
    return args is [Supervisor.Word, _, ..]
        ? Supervisor.Run(args[1..])
        : await ThinFuseCommandLine.RunAsync(Wiring.Connect(), args, ResultWriter.Open(), Console.Error);
}
catch (Exception e)
{
    return new ErrorReporter(Console.Error, json: args.Contains("--json")).Report(e);
}
