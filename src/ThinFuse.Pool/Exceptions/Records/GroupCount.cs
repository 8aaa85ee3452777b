namespace ThinFuse.Pool.Exceptions.Records;

/// <summary>How many records the table has. Thread-safe. After a recovery it may be off by what was written beside the checkpoint: good for planning space.</summary>
internal sealed class GroupCount
{
    private long _value;

    public long Value
    {
        get => Interlocked.Read(ref _value);
        set => Interlocked.Exchange(ref _value, value);
    }

    /// <summary>What the records take in the log, were there nothing else in it, and nothing lost at the ends of pages.</summary>
    public long LogBytes => Math.Max(0, Value) * GroupRecord.LoggedBytes;

    public void Increment() => Interlocked.Increment(ref _value);

    public void Decrement() => Interlocked.Decrement(ref _value);
}
