using ThinFuse.Cli.CommandLine;
using ThinFuse.Cli.Engine;
using ThinFuse.Cli.Errors;

try
{
    return await ThinFuseCommandLine.RunAsync(Wiring.Connect(), args, Console.Out, Console.Error);
}
catch (Exception e)
{
    return new ErrorReporter(Console.Error, json: args.Contains("--json")).Report(e);
}
