namespace ThinFuse.Pool.Exceptions.Salvage;

/// <summary>A part of the table's log that cannot be used.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Address">Where it begins in the log.</param>
/// <param name="OffsetBytes">Where it begins in the file.</param>
/// <param name="LengthBytes">Its length, whole blocks.</param>
internal sealed record LogDamage(string Path, long Address, long OffsetBytes, long LengthBytes)
{
    public override string ToString() => $"{Path} bytes {OffsetBytes} to {OffsetBytes + LengthBytes} are not what was written";
}
