using ThinFuse.Pool.Tests.Engine;
using ThinFuse.Pool.Tests.Storage;
using ThinFuse.Pool.Volumes;

namespace ThinFuse.Pool.Tests.Origins;

/// <summary>External origins on a real filesystem: holes, times of change, the offline check.</summary>
public sealed class OriginFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _content = TestPool.Pattern(7, 1_000_003);

    public OriginFileTests()
    {
        using (FileStream file = File.Create(Image))
        {
            file.Write(_content);
            file.SetLength(3_000_007);
        }

        ThinPool.Create(PoolDirectory, EngineOptions.Pool(16 << 20, 64 << 10));
    }

    private string Image => Path.Combine(_directory.FullPath, "base.img");

    private string PoolDirectory => Path.Combine(_directory.FullPath, "pool");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_with_an_unaligned_end_and_holes_is_shown_and_hydrated()
    {
        using ThinPool pool = ThinPool.Open(PoolDirectory, EngineOptions.Quiet);
        pool.CreateVolumeOn("vm1", Image).SizeBytes.Should().Be(3_000_320);
        PoolContent.Read(pool, "vm1").Should().Equal(OriginFiles.Shown(_content, 3_000_320));
        using (VolumeHandle vm1 = pool.Open(pool.Find("vm1")!.Id))
        {
            vm1.SeekData(1_200_000).Should().Be(-1);
        }

        pool.Jobs.WaitForEnd(pool.Hydrate("vm1", settings => settings).Id);

        File.Delete(Image);
        PoolContent.Read(pool, "vm1").Should().Equal(OriginFiles.Shown(_content, 3_000_320));
        pool.Find("vm1")!.AllocatedBytes.Should().Be(16 * (64 << 10));
    }

    [Fact]
    public void A_file_that_was_changed_meanwhile_is_refused()
    {
        DateTime before = File.GetLastWriteTimeUtc(Image);
        using (ThinPool pool = ThinPool.Open(PoolDirectory, EngineOptions.Quiet))
        {
            pool.CreateVolumeOn("vm1", Image);
        }

        File.SetLastWriteTimeUtc(Image, before.AddTicks(10));
        using (ThinPool pool = ThinPool.Open(PoolDirectory, EngineOptions.Quiet))
        {
            pool.Find("vm1")!.ExternalOrigin!.Trouble.Should().Contain("was changed at");
            Assert.Throws<PoolException>(() => pool.PointOrigin("vm1", Image, force: false)).Message.Should().Contain("--force");
        }

        File.SetLastWriteTimeUtc(Image, before);
        ThinPool.CheckOffline(PoolDirectory).Problems.Should().BeEmpty();
        using (ThinPool pool = ThinPool.Open(PoolDirectory, EngineOptions.Quiet))
        {
            pool.Find("vm1")!.ExternalOrigin!.Trouble.Should().BeNull();
            PoolContent.Read(pool, "vm1").Should().Equal(OriginFiles.Shown(_content, 3_000_320));
        }
    }
}
