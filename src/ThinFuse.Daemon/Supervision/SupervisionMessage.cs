using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Daemon.Supervision;

/// <summary>A message between supervisor and server.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Body">What it says.</param>
/// <param name="Descriptors">The receiver's duplicates, which it owns.</param>
internal sealed record SupervisionMessage(SupervisionMessageKind Kind, byte[] Body, IReadOnlyList<SafeFileHandle> Descriptors);
