using Microsoft.Extensions.Logging;
using ThinFuse.Daemon.Files.Handles;
using ThinFuse.Daemon.Supervision;
using ThinFuse.Daemon.Tree;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Files;

/// <summary>Going on where a process before this one stopped.</summary>
internal sealed partial class PoolFileSystem
{
    /// <summary>
    /// Gives the handles that the kernel holds their meaning again, and judges the changes that were under way. Before anything is served, and before
    /// anything of the pool can change otherwise.
    /// </summary>
    public void TakeOver()
    {
        foreach (KeptHandle kept in _kept.All)
        {
            try
            {
                _handles.Restore(kept.Number, Reopen(kept));
            }
            catch (PoolException gone)
            {
                // Whoever uses it gets EBADF.
                _logger.LogError("node {NodeId} was open, and cannot be opened again: {Reason}", kept.NodeId, gone.Message);
            }
        }

        _changes.Resolve(_pool, id => (_pool.Find(id) ?? _openVolumes.Find(id))?.SizeBytes ?? 0);
        _pool.ForgetUnopenedNameless();
    }

    private IOpenHandle Reopen(in KeptHandle kept)
    {
        if (kept.Kind == KeptHandleKind.Directory)
        {
            return new OpenDirectory();
        }

        if (TreeNode.TryParse(kept.NodeId, out TreeNode node))
        {
            // A file of the tree is read anew: a reader in the middle of it may see the old beginning with the new end.
            return node.Place == TreePlace.Events ? _eventFiles.Open() : new OpenTreeFile(_tree.Read(node) ?? []);
        }

        NodeIds.TryGetVolume(kept.NodeId, out ulong volumeId);
        OpenVolume open = _openVolumes.Acquire(volumeId);
        OpenVolumeFile file = new(open, kept.Kind == KeptHandleKind.Writer && TryBeginWriting(open));

        // The process before this one may have changed it and not flushed it.
        file.MarkChanged();
        return file;
    }

    /// <summary>Counts a writer again. Space that is reserved only while a volume is open may be gone by now; its writers go on without.</summary>
    private bool TryBeginWriting(OpenVolume open)
    {
        try
        {
            open.Handle.BeginWriting(goesOn: true);
            return true;
        }
        catch (PoolException refusal)
        {
            _logger.LogError("{Volume} is open for writing, and its reservation cannot be had again: {Reason}", open.Handle.Info.Name, refusal.Message);
            return false;
        }
    }
}
