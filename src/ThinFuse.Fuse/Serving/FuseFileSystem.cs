using ThinFuse.Fuse.Nodes;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Serving;

/// <summary>A file system that answers the kernel's requests. One method per operation.</summary>
/// <remarks>
/// <para>Every method that receives a <see cref="FuseRequest"/> sees to it that the request is answered exactly once, from any
/// thread, before it returns or later. A method that returns without having answered gives its thread free for the next request.
/// An answer given before the method returns may reach the kernel only when it has.</para>
/// <para><see cref="Read"/> and <see cref="Write"/> may come on a thread that must not block; see <see cref="FuseRequest.ThreadMustNotBlock"/>.</para>
/// <para>Methods are called from several threads of the transport at once, also for the same node. Spans point into the request
/// and are valid until it is answered.</para>
/// <para>An exception is logged and answered: <see cref="FuseException"/>, the way to refuse, at debug level and with its errno; any other as an error
/// and with EIO. It never ends the session.</para>
/// <para>Names are bytes as the caller gave them: at least one, no NUL and no slash among them. Offsets, lengths and sizes are never negative.</para>
/// <para>What this class does not override is answered with ENOSYS, on which the kernel falls back to a behaviour of its own,
/// or as the method says. MKDIR, RMDIR, LINK and SYMLINK are answered with EPERM, IOCTL with ENOTTY.</para>
/// </remarks>
public abstract class FuseFileSystem
{
    /// <summary>Called once, after INIT was answered and before the first request.</summary>
    /// <param name="session">The session that serves this file system.</param>
    public virtual void OnStarted(FuseSession session)
    {
    }

    /// <summary>
    /// Makes true what held answers say; see <see cref="FuseRequest.TryHold"/>. A transport that can hold calls it before any answer goes out, held or not: so
    /// no answer tells of what another has yet to make true. May be called at any time, by several threads at once, and must not wait for requests. What it
    /// throws is logged, and the held answers become EIO.
    /// </summary>
    public virtual void Settle()
    {
    }

    /// <summary>Finds a name in the request's node. Answer: <see cref="FuseRequest.ReplyEntry"/>, or ENOENT.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The name.</param>
    public virtual void Lookup(FuseRequest request, ReadOnlySpan<byte> name) => Refuse(request);

    /// <summary>Drops lookup references; not answered. At 0 the kernel knows the node no more. Not called for the rest when a session ends.</summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="lookups">How many references.</param>
    public virtual void Forget(ulong nodeId, ulong lookups)
    {
    }

    /// <summary>Reads attributes. Answer: <see cref="FuseRequest.ReplyAttributes"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file, for fstat.</param>
    public virtual void GetAttributes(FuseRequest request, ulong? handle) => Refuse(request);

    /// <summary>Changes attributes, all of them or none. Answer: <see cref="FuseRequest.ReplyAttributes"/> with the new ones.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="change">What to change.</param>
    public virtual void SetAttributes(FuseRequest request, in FuseAttributeChange change) => Refuse(request);

    /// <summary>Reads a symbolic link. Answer: <see cref="FuseRequest.ReplyBytes"/>. By default EINVAL.</summary>
    /// <param name="request">To be answered.</param>
    public virtual void ReadLink(FuseRequest request) => request.ReplyError(FuseErrno.EINVAL);

    /// <summary>Makes a node. Answer: <see cref="FuseRequest.ReplyEntry"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The name.</param>
    /// <param name="mode">Type and permissions, the umask applied.</param>
    public virtual void MakeNode(FuseRequest request, ReadOnlySpan<byte> name, uint mode) => Refuse(request);

    /// <summary>Removes a name; files open on it stay alive until their RELEASE. Answer: <see cref="FuseRequest.ReplyOk"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The name.</param>
    public virtual void Unlink(FuseRequest request, ReadOnlySpan<byte> name) => Refuse(request);

    /// <summary>Renames (RENAME and RENAME2). Answer: <see cref="FuseRequest.ReplyOk"/>.</summary>
    /// <param name="request">To be answered; its node is the old directory.</param>
    /// <param name="name">The old name.</param>
    /// <param name="newDirectory">The new directory's node.</param>
    /// <param name="newName">The new name.</param>
    /// <param name="flags">What to do about an existing target.</param>
    public virtual void Rename(
        FuseRequest request, ReadOnlySpan<byte> name, ulong newDirectory, ReadOnlySpan<byte> newName, FuseRenameFlags flags) => Refuse(request);

    /// <summary>Opens a file. Answer: <see cref="FuseRequest.ReplyOpened"/>. By default handle 0 and no flags.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="flags">The caller's flags; no O_CREAT, O_EXCL or O_TRUNC among them.</param>
    public virtual void Open(FuseRequest request, FuseFileFlags flags) => request.ReplyOpened(0, FuseOpenFlags.None);

    /// <summary>Creates a regular file and opens it. Answer: <see cref="FuseRequest.ReplyCreated"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The name.</param>
    /// <param name="flags">The caller's flags; with <see cref="FuseFileFlags.Exclusive"/> an existing name is EEXIST.</param>
    /// <param name="mode">Type and permissions, the umask applied.</param>
    public virtual void Create(FuseRequest request, ReadOnlySpan<byte> name, FuseFileFlags flags, uint mode) => Refuse(request);

    /// <summary>
    /// Reads into <see cref="FuseRequest.ReadBuffer"/>, by hand or with <see cref="FuseRequest.Move"/>. Answer: <see cref="FuseRequest.ReplyData"/>;
    /// fewer bytes than asked for mean the end of the file.
    /// </summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="offsetBytes">Where.</param>
    /// <param name="lengthBytes">How much: the length of the read buffer.</param>
    public virtual void Read(FuseRequest request, ulong handle, long offsetBytes, int lengthBytes) => Refuse(request);

    /// <summary>Writes <see cref="FuseRequest.Payload"/>, by hand or with <see cref="FuseRequest.Move"/>. Answer: <see cref="FuseRequest.ReplyWritten"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="offsetBytes">Where.</param>
    public virtual void Write(FuseRequest request, ulong handle, long offsetBytes) => Refuse(request);

    /// <summary>A descriptor is being closed; its close(2) shows the answer. Answer: <see cref="FuseRequest.ReplyOk"/>. By default OK.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    public virtual void Flush(FuseRequest request, ulong handle) => request.ReplyOk();

    /// <summary>The last reference to an open file is gone; nobody sees the answer. Answer: <see cref="FuseRequest.ReplyOk"/>. By default OK.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file, which may be used for another from now on.</param>
    public virtual void Release(FuseRequest request, ulong handle) => request.ReplyOk();

    /// <summary>
    /// Makes a file durable: what was acknowledged before survives power loss once <see cref="FuseRequest.ReplyOk"/> is called.
    /// There is no default, since the kernel takes ENOSYS for "always durable".
    /// </summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="dataOnly">fdatasync: attributes that reading does not need may wait.</param>
    public abstract void Fsync(FuseRequest request, ulong handle, bool dataOnly);

    /// <summary>Provisions, punches or zeroes a range. Answer: <see cref="FuseRequest.ReplyOk"/>; EOPNOTSUPP for a mode that is not known.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="offsetBytes">Where.</param>
    /// <param name="lengthBytes">How much; above 0, and the end does not overflow.</param>
    /// <param name="mode">What to do.</param>
    public virtual void Allocate(FuseRequest request, ulong handle, long offsetBytes, long lengthBytes, FuseFallocateModes mode) =>
        request.ReplyError(FuseErrno.EOPNOTSUPP);

    /// <summary>
    /// Says what an open file is ready for. Answer: <see cref="FuseRequest.ReplyPolled"/>, at once; ENOSYS has the kernel take all files of the mount for always
    /// ready.
    /// </summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="wakeHandle">Where somebody waits, for <see cref="FuseNotifier.WakePollers"/> when the answer changes, once or more often; else null.</param>
    public virtual void Poll(FuseRequest request, ulong handle, ulong? wakeHandle) => Refuse(request);

    /// <summary>Finds data or a hole. Answer: <see cref="FuseRequest.ReplySeek"/>, or ENXIO.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="offsetBytes">From where.</param>
    /// <param name="origin">What to find; other values than the two named ones are EINVAL.</param>
    public virtual void Seek(FuseRequest request, ulong handle, long offsetBytes, FuseSeekOrigin origin) => Refuse(request);

    /// <summary>
    /// Copies a range between files of the mount. Answer: <see cref="FuseRequest.ReplyCopied"/>; EOPNOTSUPP has the kernel copy with
    /// reads and writes this time, ENOSYS every time.
    /// </summary>
    /// <param name="request">To be answered.</param>
    /// <param name="range">What to copy.</param>
    public virtual void CopyRange(FuseRequest request, in FuseCopyRange range) => Refuse(request);

    /// <summary>Opens a directory. Answer: <see cref="FuseRequest.ReplyOpened"/>. By default handle 0 and no flags.</summary>
    /// <param name="request">To be answered.</param>
    public virtual void OpenDirectory(FuseRequest request) => request.ReplyOpened(0, FuseOpenFlags.None);

    /// <summary>
    /// Reads entries (READDIR and READDIRPLUS): add to <see cref="FuseRequest.Directory"/> until it is full or all are in, then
    /// answer with <see cref="FuseRequest.ReplyDirectory"/>. No entry at all means the end. "." and ".." are entries like others.
    /// </summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open directory.</param>
    /// <param name="offset">0 for the start, else the cookie given with the last entry that the caller took.</param>
    public virtual void ReadDirectory(FuseRequest request, ulong handle, ulong offset) => Refuse(request);

    /// <summary>The last reference to an open directory is gone. Answer: <see cref="FuseRequest.ReplyOk"/>. By default OK.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open directory.</param>
    public virtual void ReleaseDirectory(FuseRequest request, ulong handle) => request.ReplyOk();

    /// <summary>Makes a directory durable, like <see cref="Fsync"/>, and like it without a default.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="handle">The open directory.</param>
    /// <param name="dataOnly">fdatasync.</param>
    public abstract void FsyncDirectory(FuseRequest request, ulong handle, bool dataOnly);

    /// <summary>Reads the statistics. Answer: <see cref="FuseRequest.ReplyStatistics"/>.</summary>
    /// <param name="request">To be answered.</param>
    public virtual void GetStatistics(FuseRequest request) => Refuse(request);

    /// <summary>Reads an extended attribute. Answer: <see cref="FuseRequest.ReplyExtendedAttribute"/>, or ENODATA.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The full name, such as <c>user.origin</c>.</param>
    public virtual void GetExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name) => Refuse(request);

    /// <summary>Lists extended attributes. Answer: <see cref="FuseRequest.ReplyExtendedAttribute"/> with the names, each ended by a zero byte.</summary>
    /// <param name="request">To be answered.</param>
    public virtual void ListExtendedAttributes(FuseRequest request) => Refuse(request);

    /// <summary>Sets an extended attribute. Answer: <see cref="FuseRequest.ReplyOk"/>.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The full name.</param>
    /// <param name="value">The value.</param>
    /// <param name="flags">Whether it must or must not exist.</param>
    public virtual void SetExtendedAttribute(
        FuseRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, FuseSetExtendedAttributeFlags flags) => Refuse(request);

    /// <summary>Removes an extended attribute. Answer: <see cref="FuseRequest.ReplyOk"/>, or ENODATA.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="name">The full name.</param>
    public virtual void RemoveExtendedAttribute(FuseRequest request, ReadOnlySpan<byte> name) => Refuse(request);

    /// <summary>Checks access rights (access(2)), when the kernel does not check permissions itself. Answer: <see cref="FuseRequest.ReplyOk"/>, or EACCES.</summary>
    /// <param name="request">To be answered.</param>
    /// <param name="mask">4 read, 2 write, 1 execute; 0 asks whether the file exists.</param>
    public virtual void CheckAccess(FuseRequest request, uint mask) => Refuse(request);

    private static void Refuse(FuseRequest request) => request.ReplyError(FuseErrno.ENOSYS);
}
