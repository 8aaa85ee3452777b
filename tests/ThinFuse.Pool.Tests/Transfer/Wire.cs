using ThinFuse.Pool.Differences;
using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Transfer;
using ThinFuse.Pool.Transfer.Format;
using ThinFuse.Pool.Transfer.Receiving;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Transfer;

/// <summary>Sends from a pool and receives into another, as the commands do.</summary>
internal static class Wire
{
    /// <summary>The stream of a snapshot, whole.</summary>
    internal static byte[] Send(TestPool pool, string snapshot, string? from = null, ResumeToken? resume = null)
    {
        SnapshotContent content = pool.Pool.ContentOf(snapshot);
        TransferHeader header = new(
            Guid.NewGuid(), content.ContentId, from is null ? Guid.Empty : pool.Pool.ContentOf(from).ContentId, content.SizeBytes,
            resume?.KeptBytes ?? 0, content.CreatedAt, pool.Pool.Geometry.ChunkBytes, pool.Pool.Geometry.BlockBytes, snapshot);
        using VolumeHandle to = pool.Handle(snapshot);
        using VolumeHandle? before = from is null ? null : pool.Handle(from);
        using MemoryStream stream = new();
        TransferSender sender = new(stream, header, (offset, buffer) => to.Read(offset, buffer).Should().Be(buffer.Length));
        foreach (ChangedRange range in pool.Pool.Compare(before, to))
        {
            sender.Send(range);
        }

        sender.End();
        sender.StreamBytes.Should().Be(stream.Length);
        return stream.ToArray();
    }

    /// <summary>Receives a stream to its end and puts it in its place.</summary>
    internal static VolumeInfo Receive(TestPool pool, byte[] stream, string target, bool force = false)
    {
        ReceiveRequest request = Take(pool, stream, target, force);
        return pool.Pool.FinishReceive(target, request.ContentId, force);
    }

    /// <summary>Receives a stream to its end, and leaves it there.</summary>
    internal static ReceiveRequest Take(TestPool pool, byte[] stream, string target, bool force = false)
    {
        TransferReader reader = new(new MemoryStream(stream));
        ReceiveRequest request = ReceiveRequest.Of(reader.Header, target, force: force);
        ReceiveInfo begun = pool.Pool.BeginReceive(request);
        begun.IsComplete.Should().BeFalse();
        using HandleTarget into = new(pool, begun.Name, target);
        new TransferReceiver(reader, into).Run();
        return request;
    }

    /// <summary>Where the records of a stream begin, and its end.</summary>
    internal static List<int> Boundaries(byte[] stream)
    {
        TransferReader reader = new(new MemoryStream(stream));
        List<int> boundaries = [(int)reader.StreamBytes];
        while (reader.Next().Kind != TransferRecordKind.End)
        {
            boundaries.Add((int)reader.StreamBytes);
        }

        reader.StreamBytes.Should().Be(stream.Length);
        return [.. boundaries, stream.Length];
    }
}
