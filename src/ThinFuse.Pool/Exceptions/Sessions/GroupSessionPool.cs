using FASTER.core;
using ThinFuse.Pool.Exceptions.Records;

namespace ThinFuse.Pool.Exceptions.Sessions;

/// <summary>Sessions to rent: as many as operations ever ran at once. Lock-free; allocates only when it grows.</summary>
internal sealed class GroupSessionPool(FasterKV<GroupKey, GroupRecord> store) : IDisposable
{
    private const int Slots = 64;

    private readonly GroupSession?[] _idle = new GroupSession?[Slots];

    public GroupSession Rent()
    {
        // A thread begins at its own slot, so that threads seldom meet.
        int start = Environment.CurrentManagedThreadId;
        for (int i = 0; i < Slots; i++)
        {
            ref GroupSession? slot = ref _idle[(start + i) % Slots];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is { } session)
            {
                return session;
            }
        }

        return new GroupSession(store);
    }

    public void Return(GroupSession session)
    {
        int start = Environment.CurrentManagedThreadId;
        for (int i = 0; i < Slots; i++)
        {
            ref GroupSession? slot = ref _idle[(start + i) % Slots];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, session, null) is null)
            {
                return;
            }
        }

        session.Dispose();
    }

    /// <summary>Call when no operation runs.</summary>
    public void Dispose()
    {
        for (int i = 0; i < Slots; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }
}
