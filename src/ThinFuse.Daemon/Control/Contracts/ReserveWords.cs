namespace ThinFuse.Daemon.Control.Contracts;

/// <summary>The words of reserves, in requests, answers and attributes.</summary>
public static class ReserveWords
{
    /// <summary>Nothing is kept but what is provisioned.</summary>
    public const string None = "none";

    /// <summary>Space for every write inside the size is kept.</summary>
    public const string Full = "full";

    /// <summary>It is kept at all times.</summary>
    public const string Always = "always";

    /// <summary>It is kept while the volume is open for writing.</summary>
    public const string Open = "open";
}
