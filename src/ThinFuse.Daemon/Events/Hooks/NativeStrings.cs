using System.Runtime.InteropServices;

namespace ThinFuse.Daemon.Events.Hooks;

/// <summary>A list of strings as execve(2) takes it: pointers to UTF-8, the last one null.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly nint[] _strings;

    /// <summary>Copies the strings.</summary>
    public NativeStrings(IEnumerable<string> strings)
    {
        _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8)];
        Address = (byte**)NativeMemory.AllocZeroed((nuint)_strings.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < _strings.Length; i++)
        {
            Address[i] = (byte*)_strings[i];
        }
    }

    /// <summary>The list; valid until this is disposed.</summary>
    public byte** Address { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint text in _strings)
        {
            Marshal.FreeCoTaskMem(text);
        }

        NativeMemory.Free(Address);
    }
}
