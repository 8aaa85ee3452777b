using FASTER.core;

namespace ThinFuse.Pool.Exceptions.Log;

/// <summary>A write that FASTER has asked for; the bytes stay in place until the callback.</summary>
internal readonly record struct LogWrite(
    nint Source, int Segment, long OffsetBytes, int LengthBytes, DeviceIOCompletionCallback Callback, object Context);
