using ThinFuse.Pool.Transfer;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>A snapshot that is being received.</summary>
/// <param name="File">The name it is received under.</param>
/// <param name="Snapshot">The snapshot that it will be.</param>
/// <param name="Token">What has arrived and was kept.</param>
internal sealed record ReceiveProgress(string File, string Snapshot, ResumeToken Token);
