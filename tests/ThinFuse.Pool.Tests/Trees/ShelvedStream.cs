namespace ThinFuse.Pool.Tests.Trees;

/// <summary>A stream that was sent.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="ContentId">What it makes.</param>
/// <param name="BaseId">What it changes; empty for nothing.</param>
/// <param name="BaseContent">What it held before.</param>
internal sealed record ShelvedStream(byte[] Bytes, Guid ContentId, Guid BaseId, byte[] BaseContent);
