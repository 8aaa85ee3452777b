using System.Globalization;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport;
using ThinFuse.Fuse.Transport.Rings;

namespace ThinFuse.Fuse.Tests;

public sealed unsafe class DeviceRequestSlabTests
{
    private const string HugePagesPath = "/sys/kernel/mm/transparent_hugepage/enabled";

    private readonly DeviceRequestSlabs _slabs = new();

    [Fact]
    public void Requests_have_memory_of_their_own_two_in_a_slab()
    {
        DeviceRequestMemory[] memories = [_slabs.Take(), _slabs.Take(), _slabs.Take()];
        for (int i = 0; i < memories.Length; i++)
        {
            ((nint)memories[i].Data % FuseRequestMemory.PageBytes).Should().Be(0);
            memories[i].Message[0] = (byte)(i + 1);
            memories[i].Data[FuseRequest.DataCapacityBytes - 1] = (byte)(i + 1);
        }

        for (int i = 0; i < memories.Length; i++)
        {
            memories[i].Message[0].Should().Be((byte)(i + 1));
            memories[i].Data[FuseRequest.DataCapacityBytes - 1].Should().Be((byte)(i + 1));
        }

        (memories[1].Data - memories[0].Data).Should().Be(DeviceRequestMemory.LengthBytes);
        Array.ForEach(memories, memory => memory.Dispose());
    }

    [Fact]
    public void What_came_back_is_taken_again_once_however_often_it_was_given_back()
    {
        DeviceRequestMemory first = _slabs.Take();
        DeviceRequestMemory second = _slabs.Take();
        nint freed = (nint)first.Data;
        first.Dispose();
        first.Dispose();
        DeviceRequestMemory again = _slabs.Take();
        ((nint)again.Data).Should().Be(freed);
        first.Dispose();
        DeviceRequestMemory other = _slabs.Take();
        ((nint)other.Data).Should().NotBe(freed).And.NotBe((nint)second.Data);
    }

    [Fact]
    public void A_slab_that_holds_nothing_is_freed()
    {
        // More than tests that run at the same time may map.
        const int Rounds = 4000;
        long beforeBytes = MappedBytes();
        for (int round = 0; round < Rounds; round++)
        {
            DeviceRequestMemory first = _slabs.Take();
            DeviceRequestMemory second = _slabs.Take();
            first.Dispose();
            second.Dispose();
        }

        (MappedBytes() - beforeBytes).Should().BeLessThan((long)Rounds * DeviceRequestMemory.LengthBytes);
    }

    [SkippableFact]
    public void Large_memory_comes_in_huge_pages_where_the_system_has_them()
    {
        Skip.If(!File.Exists(HugePagesPath) || File.ReadAllText(HugePagesPath).Contains("[never]", StringComparison.Ordinal), "No huge pages here.");
        using SharedMemory memory = new(4 * (nuint)SharedMemory.HugePageBytes);
        new Span<byte>(memory.Start, 4 * SharedMemory.HugePageBytes).Fill(1);
        ((nint)memory.Start % SharedMemory.HugePageBytes).Should().Be(0);
        HugeKibibytesAt((nint)memory.Start).Should().BeGreaterThan(0);
    }

    private static long MappedBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    /// <summary>What the kernel says of the mapping that has this address.</summary>
    private static long HugeKibibytesAt(nint address)
    {
        bool isHere = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split([' ', '-'], 3);
            if (nint.TryParse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint start)
                && nint.TryParse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint end))
            {
                isHere = start <= address && address < end;
            }
            else if (isHere && line.StartsWith("AnonHugePages:", StringComparison.Ordinal))
            {
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
