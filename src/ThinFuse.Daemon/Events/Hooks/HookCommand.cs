using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static ThinFuse.Daemon.Events.Hooks.HookLibc;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>What is to be run for one event, and how the program begins.</summary>
/// <param name="hook">The hook, absolute.</param>
/// <param name="happened">The event: its kind is the argument, its line is on the standard input.</param>
/// <param name="settings">Environment and limits.</param>
internal sealed unsafe class HookCommand(string hook, StreamedEvent happened, HookSettings settings)
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Bounds a run also when the daemon is killed and cannot.</summary>
    private static readonly string? Warden = new[] { "/usr/bin/timeout", "/bin/timeout" }.FirstOrDefault(File.Exists);

    /// <summary>
    /// Starts the program. It leads a session and process group of its own, has all signals as a shell would give them, the root as its directory, the
    /// daemon's log as its output, and no other descriptor of the daemon's.
    /// </summary>
    /// <returns>Its process id, which is its process group's too.</returns>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public int Spawn()
    {
        using SafeFileHandle input = Input();
        string[] command = Arguments();
        using NativeStrings arguments = new(command);
        using NativeStrings environment = new(settings.Environment());
        byte* actions = stackalloc byte[OpaqueBytes];
        byte* attributes = stackalloc byte[OpaqueBytes];
        Check(InitActions(actions));
        Check(InitAttributes(attributes));
        try
        {
            Describe(actions, attributes, input);
            Check(HookLibc.Spawn(out int pid, command[0], actions, attributes, arguments.Address, environment.Address));
            return pid;
        }
        finally
        {
            _ = DestroyAttributes(attributes);
            _ = DestroyActions(actions);
        }
    }

    private static void Describe(byte* actions, byte* attributes, SafeFileHandle input)
    {
        Check(AddDuplicate(actions, input, StandardInput));
        Check(AddDuplicate(actions, StandardError, StandardOutput));
        Check(AddCloseFrom(actions, StandardError + 1));
        Check(AddChangeDirectory(actions, "/"));
        byte* signals = stackalloc byte[SignalSetBytes];
        _ = FillSignals(signals);
        Check(SetDefaultSignals(attributes, signals));
        _ = EmptySignals(signals);
        Check(SetSignalMask(attributes, signals));
        Check(SetFlags(attributes, FreshSignalsAndSession));
    }

    private string[] Arguments()
    {
        string seconds = Math.Ceiling((settings.Timeout + settings.WardenPatience).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return Warden is null ? [hook, happened.Kind] : [Warden, "-s", "KILL", seconds, hook, happened.Kind];
    }

    /// <summary>A file in memory: unlike a pipe it takes the event whether or not the hook reads it, and has an end.</summary>
    private SafeFileHandle Input()
    {
        int descriptor = MakeMemoryFile("thinfuse-event", MemoryFileCloseOnExec);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        SafeFileHandle input = new(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(input, happened.Line.Span, 0);
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private static void Check(int errno)
    {
        if (errno != 0)
        {
            throw new Win32Exception(errno);
        }
    }
}
