namespace ThinFuse.Pool;

/// <summary>Something an operator or a program wants to know. What does not apply to its kind is null.</summary>
/// <param name="Kind">A stable word, one of <see cref="PoolEventKinds"/>.</param>
/// <param name="Message">One line for people.</param>
/// <param name="At">When, UTC.</param>
public sealed record PoolEvent(string Kind, string Message, DateTimeOffset At)
{
    /// <summary>The volume or snapshot that it is about.</summary>
    public string? Volume { get; init; }

    /// <summary>What <see cref="Volume"/> was taken from.</summary>
    public string? Origin { get; init; }

    /// <summary>The name that <see cref="Volume"/> had before.</summary>
    public string? PreviousName { get; init; }

    /// <summary>The id of the node that it is about.</summary>
    public string? Node { get; init; }

    /// <summary>How many things it is about, where one event stands for several.</summary>
    public long? Count { get; init; }

    /// <summary>The size of <see cref="Volume"/>.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The size that <see cref="Volume"/> had before.</summary>
    public long? PreviousSizeBytes { get; init; }

    /// <summary>The size of the pool.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What is free in the pool.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>What was asked for.</summary>
    public long? WantedBytes { get; init; }

    /// <summary>An event that happens now.</summary>
    /// <param name="kind">One of <see cref="PoolEventKinds"/>.</param>
    /// <param name="message">One line for people.</param>
    public static PoolEvent Now(string kind, string message) => new(kind, message, DateTimeOffset.UtcNow);
}
