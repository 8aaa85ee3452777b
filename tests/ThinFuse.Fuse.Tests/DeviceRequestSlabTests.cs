using System.Globalization;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Tests.Support;
using ThinFuse.Fuse.Transport;

namespace ThinFuse.Fuse.Tests;

public sealed unsafe class DeviceRequestSlabTests
{
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
    public void Requests_have_their_memory_in_huge_pages_where_the_system_has_them()
    {
        HugePages.Require();
        DeviceRequestMemory memory = _slabs.Take();
        HugePages.KibibytesAt((nint)memory.Data).Should().BeGreaterThan(0);
        memory.Dispose();
    }

    private static long MappedBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
