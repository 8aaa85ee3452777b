using System.Collections.Concurrent;

namespace ThinFuse.Benchmarks.Passthrough;

/// <summary>Keeps finished steps for the next request. Thread-safe.</summary>
internal sealed class TransferSteps
{
    private readonly ConcurrentBag<TransferStep> _idle = [];

    /// <summary>Takes a step for a transfer of so many bytes.</summary>
    public TransferStep Rent(int lengthBytes)
    {
        TransferStep step = _idle.TryTake(out TransferStep? idle) ? idle : new TransferStep(this);
        step.LengthBytes = lengthBytes;
        return step;
    }

    /// <summary>Gives it back.</summary>
    public void Return(TransferStep step) => _idle.Add(step);
}
