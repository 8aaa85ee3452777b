using ThinFuse.Benchmarks.Suite.Subjects;

namespace ThinFuse.Benchmarks.Suite;

/// <summary>How large volumes are when nobody says.</summary>
internal static class VolumeSize
{
    private const long LargestBytes = 4L << 30;
    private const long SmallestBytes = 512L << 20;

    /// <summary>4 GiB, or half of that as often as it takes for all subjects to fit on the disk.</summary>
    public static long ThatFits(SuiteContext context, long freeBytes)
    {
        long sizeBytes = LargestBytes;
        while (sizeBytes > SmallestBytes && NeededBytes(context, sizeBytes) > freeBytes)
        {
            sizeBytes /= 2;
        }

        return sizeBytes;
    }

    private static long NeededBytes(SuiteContext context, long sizeBytes) =>
        SubjectCatalog.Make(context).Where(subject => subject.WhyNot() is null).Sum(subject => subject.NeededBytes(sizeBytes));
}
