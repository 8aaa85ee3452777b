using ThinFuse.Pool.Exceptions;
using ThinFuse.Pool.Journaling;
using ThinFuse.Pool.Metadata;
using ThinFuse.Pool.Nodes;
using ThinFuse.Pool.Storage;

namespace ThinFuse.Pool.Recovery;

/// <summary>Makes a new pool. The superblock comes last: until it is durable there is no pool.</summary>
internal static class PoolFormatter
{
    public static void Format(IStorage storage, PoolCreateOptions options)
    {
        Geometry geometry = new(options.ChunkSizeBytes);
        Guid id = Guid.NewGuid();
        MetadataState state = new();
        byte[] buffer = new byte[EntryWriter.MaxEntryBytes];
        NodeFactory factory = new(storage, id, geometry);
        IReadOnlyList<string> paths = options.NodePaths is { Count: > 0 } given ? given : [PoolLayout.NodeFile(0)];
        if (paths.Count > ExtentAddress.MaxNodes)
        {
            throw new PoolException(PoolErrorKind.Usage, $"a pool has at most {ExtentAddress.MaxNodes} nodes");
        }

        for (int i = 0; i < paths.Count; i++)
        {
            NodeRecord node = factory.Make((byte)i, paths[i], options.SizeBytes ?? PoolCreateOptions.DefaultSizeBytes, options.Preallocation);
            EntryWriter entry = new(buffer);
            entry.NodePut(node);
            state.Apply(entry.Written);
        }

        options.Settings.Validate();
        EntryWriter settings = new(buffer);
        settings.SettingsPut(options.Settings);
        state.Apply(settings.Written);
        Guid token;
        using (IExceptionTable table = FasterExceptionTable.Create(storage, PoolLayout.TableDirectory, options.Table with { ExpectedGroups = 0 }))
        {
            token = table.Checkpoint();
        }

        const long journalGeneration = 1;
        using (Journal.Create(storage, PoolLayout.JournalDirectory, id, journalGeneration, 1, new JournalOptions()))
        {
            Superblock superblock = new(id, 1, geometry.ChunkBytes, token, journalGeneration, 1, storage.BootId);
            MetadataImage.Write(storage, superblock, MetadataImage.Capture(state));
            superblock.Write(storage);
        }
    }
}
