using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ThinFuse.Fuse.Wire;

/// <summary>
/// Reads a request's fixed arguments and what follows them. Never past an end: each method says whether there was enough,
/// and a failed one has read nothing.
/// </summary>
internal ref struct FuseReader(ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> payload)
{
    /// <summary>The longest name that any kernel sends (FUSE_NAME_MAX, raised to PATH_MAX - 1 in Linux 6.14).</summary>
    public const int MaxNameBytes = 4095;

    private readonly ReadOnlySpan<byte> _arguments = arguments;
    private ReadOnlySpan<byte> _payload = payload;

    /// <summary>The payload that has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _payload;

    /// <summary>Reads the fixed arguments.</summary>
    public readonly bool TryReadArguments<T>(out T value)
        where T : unmanaged
    {
        bool enough = _arguments.Length >= Unsafe.SizeOf<T>();
        value = enough ? MemoryMarshal.Read<T>(_arguments) : default;
        return enough;
    }

    /// <summary>Reads a struct of the payload.</summary>
    public bool TryReadPayload<T>(out T value)
        where T : unmanaged
    {
        bool enough = _payload.Length >= Unsafe.SizeOf<T>();
        value = enough ? MemoryMarshal.Read<T>(_payload) : default;
        _payload = enough ? _payload[Unsafe.SizeOf<T>()..] : _payload;
        return enough;
    }

    /// <summary>Reads a name that ends with a zero byte: 1 to <see cref="MaxNameBytes"/> bytes without a slash.</summary>
    public bool TryReadName(out ReadOnlySpan<byte> name)
    {
        int end = _payload.IndexOf((byte)0);
        if (end is <= 0 or > MaxNameBytes || _payload[..end].Contains((byte)'/'))
        {
            name = default;
            return false;
        }

        name = _payload[..end];
        _payload = _payload[(end + 1)..];
        return true;
    }
}
