using System.Text.Json.Serialization;

namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Why a request was refused: what scripts tell errors apart by. On the wire: camelCase names.</summary>
[JsonConverter(typeof(WireNameConverter<ControlErrorKind>))]
public enum ControlErrorKind
{
    /// <summary>Something else went wrong.</summary>
    Failed,

    /// <summary>The request makes no sense: a malformed name, a size that is not a multiple of 512.</summary>
    Usage,

    /// <summary>The pool, or the filesystem below it, has no space for this.</summary>
    NoSpace,

    /// <summary>In use by somebody else, or by open files.</summary>
    Busy,

    /// <summary>No such pool, mount, volume or snapshot.</summary>
    NotFound,

    /// <summary>The pool's data contradicts itself or fails its checksums.</summary>
    Damaged,

    /// <summary>The name is taken.</summary>
    Exists,
}
