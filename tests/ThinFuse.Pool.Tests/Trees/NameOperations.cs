namespace ThinFuse.Pool.Tests.Trees;

/// <summary>What takes, changes and protects names.</summary>
internal sealed class NameOperations(WorkloadContext context)
{
    /// <summary>Deletes; what is held is refused.</summary>
    internal Done? Delete()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        if (context.Model.HoldersOf(name).Length != 0)
        {
            FluentActions.Invoking(() => context.Pool.Delete(name)).Should().Throw<PoolException>().Where(e => e.Kind == PoolErrorKind.Busy);
            return new Done($"{name} is held", IsDurable: false);
        }

        context.Pool.Delete(name);
        context.Model.Forget(name);
        return new Done($"delete {name}", IsDurable: true);
    }

    internal Done? Rename()
    {
        if (context.Any() is not { } name)
        {
            return null;
        }

        // What follows the @ keeps its first letter, which says what it is; before it, a snapshot may get another volume's name.
        string to = name.Contains('@') ? context.NewSnapshotName(context.Any()!, name[name.IndexOf('@') + 1]) : context.NewName("n");
        context.Pool.Rename(name, to);
        context.Model.Rename(name, to);
        return new Done($"rename {name} {to}", IsDurable: true);
    }

    internal Done? Hold()
    {
        if (context.Any(name => name.Contains('@') && context.Model.HoldersOf(name).Length == 0) is not { } name)
        {
            return null;
        }

        string by = context.NewName("by");
        context.Pool.Hold(name, by);
        context.Model.Hold(name, by);
        return new Done($"hold {name}", IsDurable: true);
    }

    internal Done? Release()
    {
        if (context.Any(name => context.Model.HoldersOf(name).Length != 0) is not { } name)
        {
            return null;
        }

        string by = context.Model.HoldersOf(name)[0];
        context.Pool.Release(name, by);
        context.Model.Release(name, by);
        return new Done($"release {name}", IsDurable: true);
    }
}
