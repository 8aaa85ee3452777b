using System.ComponentModel;
using ThinFuse.Daemon.Control.Client;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Daemon.Control.Translation;
using ThinFuse.Pool;
using ThinFuse.Pool.Ownership;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Cli.Errors;

/// <summary>Puts any exception into a kind and one line.</summary>
internal static class ErrorTranslator
{
    public static ControlError Translate(Exception exception) => exception switch
    {
        CommandFailure e => new ControlError(e.Kind, OneLine(e.Message)),
        ControlException e => new ControlError(e.Kind, OneLine(e.Message)),
        PoolException e => new ControlError(ErrorKinds.Of(e.Kind), OneLine(e.Message)),
        PoolInUseException e => new ControlError(ControlErrorKind.Busy, OneLine($"{e.Message}; {WhatToDoAbout(e.Owner)}")),
        StorageException { ErrorNumber: Errno.EACCES } e => new ControlError(
            ControlErrorKind.Failed, OneLine($"{e.Message}; run this as the owner of the pool, or as root")),
        StorageException { ErrorNumber: Errno.EROFS } e => new ControlError(
            ControlErrorKind.Failed, OneLine($"{e.Message}; make its filesystem writable (mount -o remount,rw)")),
        StorageException { IsNoSpace: true } e =>
            new ControlError(ControlErrorKind.NoSpace, OneLine($"{e.Message}; make room on that filesystem")),

        // What the operating system says about a path or a program is the whole story; a Win32Exception carries an errno.
        IOException or UnauthorizedAccessException or Win32Exception =>
            new ControlError(ControlErrorKind.Failed, OneLine(exception.Message)),
        _ => new ControlError(
            ControlErrorKind.Failed,
            OneLine(
                $"unexpected error: {exception.Message} ({exception.GetType().Name}); "
                + $"set {ErrorReporter.DebugVariable}=1 to see where")),
    };

    public static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string WhatToDoAbout(PoolOwner? owner) => owner?.MountPoint is { } place
        ? $"work with it through {place}, or 'thinfuse unmount {place}' first"
        : "try again when that has ended";
}
