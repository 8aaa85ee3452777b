using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Mounting;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Mounts;
using ThinFuse.Fuse.Tests.Support;

namespace ThinFuse.Fuse.Tests.Rings;

/// <summary>A mount with one file, open, over rings.</summary>
internal sealed class OneFileMount : IDisposable
{
    private readonly MountPoint _point = new();

    public OneFileMount(OneFileSystem fileSystem, CapturingLogger? logger = null, FuseTransportKind transport = FuseTransportKind.Uring)
        : this(fileSystem, logger, new FuseSessionOptions { Transport = transport })
    {
    }

    public OneFileMount(OneFileSystem fileSystem, CapturingLogger? logger, FuseSessionOptions session)
    {
        FuseMountOptions options = new() { Session = session };
        Mount = FuseMount.Mount(_point.Path, options, fileSystem, logger ?? new CapturingLogger());
        FilePath = Path.Combine(_point.Path, OneFileSystem.Name);
        Handle = File.OpenHandle(FilePath, FileMode.Open, FileAccess.ReadWrite);
    }

    public FuseMount Mount { get; }

    public string FilePath { get; }

    public SafeFileHandle Handle { get; }

    public byte[] Read(long offsetBytes, int lengthBytes)
    {
        byte[] content = new byte[lengthBytes];
        RandomAccess.Read(Handle, content, offsetBytes).Should().Be(lengthBytes);
        return content;
    }

    public void Dispose()
    {
        Handle.Dispose();
        Mount.Dispose();
        _point.Dispose();
    }
}
