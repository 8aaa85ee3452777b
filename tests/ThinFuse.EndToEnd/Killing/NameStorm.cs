using System.Globalization;
using System.Runtime.InteropServices;
using ThinFuse.EndToEnd.Harness;

namespace ThinFuse.EndToEnd.Killing;

/// <summary>
/// Makes, clones, renames, cuts and removes files under names that nobody else uses, so that every call must succeed, and a second call like it must be refused:
/// whatever differs was done twice, or not at all.
/// </summary>
internal sealed class NameStorm(string mountPoint, string source, int number)
{
    private readonly List<string> _surprises = [];

    /// <summary>Calls that did not answer as they must.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    /// <summary>How often all kinds of changes were made.</summary>
    public int Rounds { get; private set; }

    /// <summary>Goes on until it is told to end; a round is never left half done.</summary>
    public void Run(CancellationToken end)
    {
        using RawFile original = RawFile.Open(Path.Combine(mountPoint, source), OpenFlags.ReadOnly);
        long bytes = original.SeekEnd();
        while (!end.IsCancellationRequested && _surprises.Count == 0)
        {
            string first = PathOf("a");
            string second = PathOf("b");
            using (RawFile? made = RawFile.TryOpen(first, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, out int errno))
            {
                Expect("create", errno, 0);
                if (made is null)
                {
                    return;
                }

                Expect("clone", original.CopyTo(0, made, 0, bytes), bytes);
                Expect("size of the clone", made.SeekEnd(), bytes);
                Expect("truncate", made.Truncate(65536), 0);
                Expect("size", made.SeekEnd(), 65536);
            }

            RawFile.TryOpen(first, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, out int again)?.Dispose();
            Expect("create again", again, Errno.EEXIST);
            Expect("rename", Answer(Posix.Rename(first, second)), 0);
            Expect("rename again", Answer(Posix.Rename(first, second)), -Errno.ENOENT);
            Expect("unlink", Answer(Posix.Unlink(second)), 0);
            Expect("unlink again", Answer(Posix.Unlink(second)), -Errno.ENOENT);
            Rounds++;
        }
    }

    private static long Answer(int result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;

    private string PathOf(string name) => Path.Combine(mountPoint, string.Create(CultureInfo.InvariantCulture, $"{name}{number}-{Rounds}"));

    private void Expect(string call, long answer, long expected)
    {
        if (answer != expected)
        {
            _surprises.Add(string.Create(CultureInfo.InvariantCulture, $"{call} in round {Rounds} of storm {number} answered {answer} instead of {expected}"));
        }
    }
}
