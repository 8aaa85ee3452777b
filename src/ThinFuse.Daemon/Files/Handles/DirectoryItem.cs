namespace ThinFuse.Daemon.Files.Handles;

/// <summary>A name in an open directory.</summary>
/// <param name="Name">UTF-8.</param>
/// <param name="NodeId">What it stands for.</param>
/// <param name="Cookie">
/// Where reading goes on after it. It follows from what the name stands for, so that it means the same to a process that goes on with the directory.
/// </param>
internal readonly record struct DirectoryItem(byte[] Name, ulong NodeId, ulong Cookie);
