namespace ThinFuse.Fuse.Wire.Structs;

/// <summary>Which fields of a SETATTR count (FATTR_*).</summary>
[Flags]
internal enum SetAttributesValid : uint
{
    Mode = 1 << 0,
    UserId = 1 << 1,
    GroupId = 1 << 2,
    Size = 1 << 3,
    AccessTime = 1 << 4,
    ModificationTime = 1 << 5,
    Handle = 1 << 6,
    AccessTimeNow = 1 << 7,
    ModificationTimeNow = 1 << 8,
    LockOwner = 1 << 9,
    ChangeTime = 1 << 10,
    KillSetIds = 1 << 11,
}
