namespace ThinFuse.Pool.Operations;

/// <summary>Keeps finished operations for the next request, so that the data path allocates nothing. Thread-safe.</summary>
internal sealed class OperationPool<T>(Func<T> make)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Stack<T> _idle = new();

    public T Rent()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out T? operation))
            {
                return operation;
            }
        }

        return make();
    }

    public void Return(T operation)
    {
        lock (_lock)
        {
            _idle.Push(operation);
        }
    }
}
