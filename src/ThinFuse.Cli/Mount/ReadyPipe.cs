using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Cli.Output;
using ThinFuse.Daemon.Control.Contracts;

namespace ThinFuse.Cli.Mount;

/// <summary>The daemon's end of the pipe on which the command that started it waits: one line, once.</summary>
internal sealed class ReadyPipe(int descriptor) : IDisposable
{
    /// <summary>Begins the line of a mount that serves, a <see cref="ServingReport"/> as JSON; any other is an error as JSON.</summary>
    public const string ReadyWord = "ready ";

    private readonly FileStream _stream = new(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write, bufferSize: 0);

    /// <summary>Whether the parent has its answer.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The line of a mount that serves.</summary>
    public static string LineOf(ServingReport report) => ReadyWord + JsonSerializer.Serialize(report, CliJsonContext.Default.ServingReport);

    /// <summary>The line of one that does not.</summary>
    public static string LineOf(ControlError error) => JsonSerializer.Serialize(error, CliJsonContext.Default.ControlError);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>Gives the parent its answer: one of the lines above.</summary>
    public void Send(string line)
    {
        IsAnswered = true;
        try
        {
            _stream.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        }
        catch (IOException)
        {
            // The command that waited was killed. A daemon that serves goes on; one that failed has its error in the log.
        }
        finally
        {
            _stream.Dispose();
        }
    }
}
