using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Wire;
using ThinFuse.Fuse.Wire.Structs;

namespace ThinFuse.Fuse.Dispatch;

/// <summary>Operations on attributes, extended attributes and the file system as a whole.</summary>
internal sealed partial class FuseDispatcher
{
    private const int LongestLinkBytes = 4096;

    private bool GetAttributes(FuseRequest request)
    {
        const uint HasHandle = 1;
        if (!request.Reader.TryReadArguments(out GetAttributesIn get))
        {
            return false;
        }

        _fileSystem.GetAttributes(request, (get.Flags & HasHandle) != 0 ? get.Handle : null);
        return true;
    }

    private bool SetAttributes(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out SetAttributesIn set)
            || (set.Valid.HasFlag(SetAttributesValid.Size) && set.Size > long.MaxValue))
        {
            return false;
        }

        _fileSystem.SetAttributes(request, WireConversion.FromWire(set));
        return true;
    }

    private bool ReadLink(FuseRequest request)
    {
        request.ExpectData(LongestLinkBytes, 0);
        _fileSystem.ReadLink(request);
        return true;
    }

    private bool GetStatistics(FuseRequest request)
    {
        _fileSystem.GetStatistics(request);
        return true;
    }

    private bool CheckAccess(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out AccessIn access))
        {
            return false;
        }

        _fileSystem.CheckAccess(request, access.Mask);
        return true;
    }

    private bool GetExtendedAttribute(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out GetExtendedAttributeIn get) || !reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        request.ExpectData((int)Math.Min(get.Size, FuseRequest.DataCapacityBytes), 0);
        _fileSystem.GetExtendedAttribute(request, name);
        return true;
    }

    private bool ListExtendedAttributes(FuseRequest request)
    {
        if (!request.Reader.TryReadArguments(out GetExtendedAttributeIn list))
        {
            return false;
        }

        request.ExpectData((int)Math.Min(list.Size, FuseRequest.DataCapacityBytes), 0);
        _fileSystem.ListExtendedAttributes(request);
        return true;
    }

    private bool SetExtendedAttribute(FuseRequest request)
    {
        FuseReader reader = request.Reader;
        if (!reader.TryReadArguments(out SetExtendedAttributeIn set)
            || !reader.TryReadName(out ReadOnlySpan<byte> name)
            || set.Size != (uint)reader.Rest.Length)
        {
            return false;
        }

        _fileSystem.SetExtendedAttribute(request, name, reader.Rest, set.Flags);
        return true;
    }

    private bool RemoveExtendedAttribute(FuseRequest request)
    {
        if (!request.Reader.TryReadName(out ReadOnlySpan<byte> name))
        {
            return false;
        }

        _fileSystem.RemoveExtendedAttribute(request, name);
        return true;
    }
}
