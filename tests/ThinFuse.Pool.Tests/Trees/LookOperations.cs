using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Looks at a part of a file, and compares.</summary>
internal sealed class LookOperations(WorkloadContext context)
{
    /// <summary>Reads a range, which may go past the end.</summary>
    internal Done? Read()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        byte[] content = context.Model.Content[name];
        (int offset, int length) = context.Range(name, context.Settings.MaxWriteBytes, 1);
        byte[] actual = new byte[length];
        int got = 0;
        context.With(name, handle => got = handle.Read(offset, actual));
        got.Should().Be(Math.Clamp(content.Length - offset, 0, length));
        actual.AsSpan(0, got).SequenceEqual(content.AsSpan(offset, got)).Should().BeTrue($"read of {name} at {offset}+{length}");
        return new Done($"read {name} {offset}+{length}", IsDurable: false);
    }

    /// <summary>Goes from data to hole to data, to the end: between them all is zero.</summary>
    internal Done? Seek()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        context.With(name, handle => MustSeek(handle, name, context.Model.Content[name]));
        return new Done($"seek {name}", IsDurable: false);
    }

    private void MustSeek(VolumeHandle handle, string name, byte[] content)
    {
        for (long at = context.Random.Next(content.Length + 1); at < content.Length;)
        {
            long data = handle.SeekData(at);
            long end = data < 0 ? content.Length : data;
            content.AsSpan((int)at, (int)(end - at)).ContainsAnyExcept((byte)0).Should().BeFalse($"{name} has data before {data}");
            at = data < 0 ? content.Length : handle.SeekHole(data);
            at.Should().BeGreaterThan(data).And.BeLessThanOrEqualTo(content.Length);
        }
    }
}
