using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ThinFuse.Fuse.Tests.Support;

/// <summary>A file on a disk, open with O_DIRECT and through the page cache. Gone when disposed.</summary>
internal sealed partial class DirectFile : IDisposable
{
    private const int OpenReadWrite = 2;
    private const int OpenCloseOnExec = 0x80000;

    private readonly string _path = Path.GetTempFileName();
    private readonly SafeFileHandle _direct;

    /// <param name="content">What it holds.</param>
    public DirectFile(byte[] content)
    {
        File.WriteAllBytes(_path, content);
        int directFlag = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;
        int descriptor = Open(_path, OpenReadWrite | OpenCloseOnExec | directFlag);
        Skip.If(descriptor < 0, $"no O_DIRECT on {Path.GetTempPath()}");
        _direct = new SafeFileHandle(descriptor, ownsHandle: true);
        Cached = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite);
    }

    public int Descriptor => (int)_direct.DangerousGetHandle();

    public SafeFileHandle Cached { get; }

    public int CachedDescriptor => (int)Cached.DangerousGetHandle();

    public byte[] Content => File.ReadAllBytes(_path);

    public void Dispose()
    {
        _direct.Dispose();
        Cached.Dispose();
        File.Delete(_path);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
