namespace ThinFuse.Fuse.Transfers;

/// <summary>Which way a transfer plan moves data.</summary>
public enum FuseTransferDirection
{
    /// <summary>From the files into the request's buffer, as for a READ.</summary>
    FromFiles,

    /// <summary>From the request's buffer to the files, as for a WRITE.</summary>
    ToFiles,
}
