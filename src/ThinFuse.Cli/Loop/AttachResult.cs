namespace ThinFuse.Cli.Loop;

/// <summary>A loop device on a volume or snapshot.</summary>
/// <param name="Device">The device, /dev/loopN.</param>
/// <param name="Path">The file behind it.</param>
/// <param name="ReadOnly">Whether writes are refused.</param>
/// <param name="AlreadyAttached">Whether it was there before this command ran.</param>
internal sealed record AttachResult(string Device, string Path, bool ReadOnly, bool AlreadyAttached);
