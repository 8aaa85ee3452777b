namespace ThinFuse.Pool.Tests.Crashes;

/// <summary>The steps of a script in order, and what a crash after any of its I/Os may leave.</summary>
internal sealed class CrashHistory
{
    private readonly List<CrashStep> _steps = [];
    private readonly Dictionary<(int From, int To, bool IsCut), AllowedStates> _allowed = [];

    internal CrashStep Last => _steps[^1];

    internal void Add(CrashStep step) => _steps.Add(step);

    /// <summary>After the death of the process: what was acknowledged, or what the step under way makes of it.</summary>
    internal AllowedStates AfterKill(int io)
    {
        int acknowledged = LastAcknowledged(io);
        return Allow(acknowledged, Begun(acknowledged, io), isCut: false);
    }

    /// <summary>After a power cut: what was durable, and of what came later any part.</summary>
    internal AllowedStates AfterPowerCut(int io)
    {
        int durable = _steps.FindLastIndex(step => step.IsDurable && step.EndIo <= io);
        return Allow(durable, Begun(LastAcknowledged(io), io), isCut: true);
    }

    private int LastAcknowledged(int io) => _steps.FindLastIndex(step => step.EndIo <= io);

    private int Begun(int acknowledged, int io) =>
        acknowledged + 1 < _steps.Count && _steps[acknowledged + 1].StartIo <= io ? acknowledged + 1 : acknowledged;

    private AllowedStates Allow(int from, int to, bool isCut)
    {
        if (_allowed.TryGetValue((from, to, isCut), out AllowedStates? known))
        {
            return known;
        }

        List<SortedDictionary<string, byte[]>> states = [];
        for (int i = from; i <= to; i++)
        {
            states.Add(_steps[i].State);
            if (_steps[i].Attempt is { } attempt && (i > from || _steps[i].IsOpenEnded))
            {
                states.Add(attempt);
            }
        }

        AllowedStates allowed = new($"between '{_steps[from].What}' (step {from}) and '{_steps[to].What}' (step {to})", states) { Id = _allowed.Count };
        _allowed.Add((from, to, isCut), allowed);
        return allowed;
    }
}
