using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>Operations on names, and the references they give.</summary>
internal sealed partial class FuseDispatcher
{
    private bool Lookup(FuseRequest request)
    {
        if (!request.Reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        _fileSystem.Lookup(request, name);
        return true;
    }

    private bool Forget(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out ForgetIn forget))
        {
            return false;
        }

        _fileSystem.Forget(request.NodeId, forget.Lookups);
        return true;
    }

    private bool BatchForget(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out BatchForgetIn batch))
        {
            return false;
        }

        for (uint i = 0; i < batch.Count; i++)
        {
            if (!reader.TryReadPayload(out ForgetOne one))
            {
                return false;
            }

            try
            {
                _fileSystem.Forget(one.NodeId, one.Lookups);
            }
            catch (Exception exception)
            {
                // One node's failure must not keep the references of the others.
                FuseLog.HandlerThrew(_logger, request.Opcode, one.NodeId, 0, exception);
            }
        }

        return true;
    }

    private bool MakeNode(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out MakeNodeIn make) || !reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        _fileSystem.MakeNode(request, name, make.Mode);
        return true;
    }

    private bool Create(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out CreateIn create) || !reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        _fileSystem.Create(request, name, create.Flags, create.Mode);
        return true;
    }

    private bool Unlink(FuseRequest request)
    {
        if (!request.Reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        _fileSystem.Unlink(request, name);
        return true;
    }

    private bool Rename(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        return reader.TryReadArguments(out RenameIn rename) && Rename(request, reader, rename.NewDirectory, FuseRenameFlags.None);
    }

    private bool Rename2(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        return reader.TryReadArguments(out Rename2In rename) && Rename(request, reader, rename.NewDirectory, rename.Flags);
    }

    private bool Rename(FuseRequest request, FuseReader reader, ulong newDirectory, FuseRenameFlags flags)
    {
        if (!reader.TryReadName(out ReadOnlySpan<byte> name) || !reader.TryReadName(out ReadOnlySpan<byte> newName))
        {
            return false;
        }

        _fileSystem.Rename(request, name, newDirectory, newName, flags);
        return true;
    }
}
