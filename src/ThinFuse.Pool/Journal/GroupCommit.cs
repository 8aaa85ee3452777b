namespace ThinFuse.Pool.Journaling;

/// <summary>Lets one caller work for all who wait: commits run one at a time, each for everybody who arrived before it began.</summary>
internal sealed class GroupCommit(StickyFailure failure)
{
    private readonly object _gate = new();

    /// <summary>The number of the last commit that began, and of the last that succeeded.</summary>
    private long _begun;
    private long _succeeded;
    private bool _isRunning;
    private int _waiting;

    /// <summary>Callers that wait for a commit they do not lead.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting;
            }
        }
    }

    /// <summary>
    /// Returns when a commit that began after this call has succeeded; <paramref name="lead"/> is run if this caller is to lead it.
    /// A failure is remembered and thrown to the leader as it is, and to all who waited, and who come later, as a storage error.
    /// </summary>
    internal void Run(Action lead)
    {
        lock (_gate)
        {
            // What runs now may have missed this caller's data.
            long wanted = _begun + 1;
            while (_isRunning && _succeeded < wanted)
            {
                _waiting++;
                Monitor.Wait(_gate);
                _waiting--;
            }
            if (_succeeded >= wanted)
            {
                return;
            }
            failure.ThrowIfFailed();
            _begun++;
            _isRunning = true;
        }
        bool hasSucceeded = false;
        try
        {
            lead();
            hasSucceeded = true;
        }
        catch (Exception exception)
        {
            failure.Remember(exception);
            throw;
        }
        finally
        {
            lock (_gate)
            {
                _isRunning = false;
                _succeeded = hasSucceeded ? _begun : _succeeded;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
