namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>Makes writable volumes that begin with the contents of another volume or snapshot; all or none.</summary>
/// <param name="Source">The name of a volume or snapshot.</param>
/// <param name="Target">The new volume's name; with a count, what their names begin with.</param>
/// <param name="Count">Null for one clone named as the target; otherwise how many, 1 to 10,000, named as <see cref="CloneNames"/> says.</param>
public sealed record CloneCreateRequest(string Source, string Target, int? Count = null);
