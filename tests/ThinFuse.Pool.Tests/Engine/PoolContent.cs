using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Engine;

/// <summary>Reads whole volumes for comparison.</summary>
internal static class PoolContent
{
    internal static byte[] Read(ThinPool pool, string name)
    {
        VolumeInfo info = pool.Find(name) ?? throw new InvalidOperationException($"{name} is gone");
        using VolumeHandle handle = pool.Open(info.Id);
        byte[] content = new byte[info.SizeBytes];
        handle.Read(0, content).Should().Be(content.Length);
        return content;
    }

    internal static string? Difference(byte[] expected, byte[] actual)
    {
        if (expected.Length != actual.Length)
        {
            return $"is {actual.Length} bytes long, not {expected.Length}";
        }

        int at = expected.AsSpan().CommonPrefixLength(actual);
        return at == expected.Length ? null : $"differs at {at}: {actual[at]:x2}, not {expected[at]:x2}";
    }

    internal static void MustMatch(ThinPool pool, IReadOnlyDictionary<string, byte[]> model, string when)
    {
        pool.Volumes(withExclusive: false).Select(volume => volume.Name).Should().Equal(model.Keys, when);
        foreach ((string name, byte[] expected) in model)
        {
            string? difference = Difference(expected, Read(pool, name));
            difference.Should().BeNull($"{name} {difference} ({when})");
        }
    }
}
