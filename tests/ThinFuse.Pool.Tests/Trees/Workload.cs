using ThinFuse.Pool.Tests.Engine;

namespace ThinFuse.Pool.Tests.Trees;

/// <summary>Random steps, each done to a pool and to its model.</summary>
/// <param name="context">The pool and the model.</param>
/// <param name="mix">What may be done, and how often; each says null when there is nothing to do it to.</param>
internal sealed class Workload(WorkloadContext context, params (int Weight, Func<Done?> Operation)[] mix)
{
    private const int MaxTries = 100;
    private const int KeptTrace = 60;
    private readonly Queue<string> _trace = new();

    internal WorkloadContext Context => context;

    /// <summary>The last step.</summary>
    internal Done Last { get; private set; }

    /// <summary>Steps that a pool without space refused.</summary>
    internal int Refused { get; private set; }

    /// <summary>Does so many steps; what fails is told with the last of them.</summary>
    /// <param name="stepCount">Steps.</param>
    /// <param name="afterEach">Looks at the pool after each, told its number.</param>
    internal void Run(int stepCount, Action<int> afterEach)
    {
        try
        {
            for (int step = 0; step < stepCount; step++)
            {
                Step();
                afterEach(step);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{context}: {string.Join("; ", _trace)}", e);
        }
    }

    /// <summary>Does one thing. What is refused for want of space changes nothing, but for what operations note themselves.</summary>
    internal void Step()
    {
        Last = Try();
        Note(Last.What);
    }

    /// <summary>Has failures tell of something else that happened.</summary>
    internal void Note(string what)
    {
        _trace.Enqueue(what);
        _ = _trace.Count > KeptTrace ? _trace.Dequeue() : null;
    }

    /// <summary>Compares all of the pool with the model, and counts anew what it owns and keeps ready.</summary>
    internal void MustMatch(string when)
    {
        context.TakeBetween();
        ThinPool pool = context.Pool;
        PoolContent.MustMatch(pool, context.Model.Content.Files, when);
        context.Model.DifferencesOf(pool).Should().BeEmpty(when);
        pool.Check().Problems.Should().BeEmpty(when);
        if (!context.Settings.IsBackground)
        {
            context.Model.Promises.MustHold(pool, pool.Geometry.ChunksFor(context.Settings.MaxVolumeBytes), when);
        }

        if (context.Settings.IsStrict)
        {
            lock (pool.Core.MetadataLock)
            {
                pool.Core.Strict.PromisedCount.Should().BeLessThanOrEqualTo(pool.Core.Extents.TotalCount, when);
            }
        }
    }

    private Done Try()
    {
        for (int attempt = 0; attempt < MaxTries; attempt++)
        {
            Func<Done?> operation = Choose();
            try
            {
                if (operation() is { } done)
                {
                    return done;
                }
            }
            catch (PoolException e) when (e.Kind == PoolErrorKind.NoSpace)
            {
                Refused++;
                return new Done($"{operation.Method.Name} refused: {e.Message}", IsDurable: false);
            }
        }

        return new Done("nothing", IsDurable: false);
    }

    private Func<Done?> Choose()
    {
        int choice = context.Random.Next(mix.Sum(entry => entry.Weight));
        foreach ((int weight, Func<Done?> operation) in mix)
        {
            if ((choice -= weight) < 0)
            {
                return operation;
            }
        }

        throw new InvalidOperationException("the mix is empty");
    }
}
