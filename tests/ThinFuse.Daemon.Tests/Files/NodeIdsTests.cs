using ThinFuse.Daemon.Files;
using ThinFuse.Daemon.Tree;

namespace ThinFuse.Daemon.Tests.Files;

public sealed class NodeIdsTests
{
    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData((1UL << 62) - 2)]
    public void A_volume_s_node_leads_back_to_it(ulong volumeId)
    {
        ulong node = NodeIds.OfVolume(volumeId);

        NodeIds.TryGetVolume(node, out ulong found).Should().BeTrue();
        found.Should().Be(volumeId);
        TreeNode.TryParse(node, out _).Should().BeFalse();
    }

    [Fact]
    public void Every_node_of_the_tree_has_a_number_of_its_own_and_is_no_volume()
    {
        List<TreeNode> nodes =
        [
            .. from place in Enum.GetValues<TreePlace>()
               from file in new byte[] { 0, 1, 255 }
               from subject in new[] { 0UL, 1UL, (1UL << 48) - 1 }
               select new TreeNode(place, file, subject),
        ];

        nodes.Select(node => node.NodeId).Should().OnlyHaveUniqueItems();
        foreach (TreeNode node in nodes)
        {
            TreeNode.TryParse(node.NodeId, out TreeNode parsed).Should().BeTrue();
            parsed.Should().Be(node);
            NodeIds.TryGetVolume(node.NodeId, out _).Should().BeFalse();
        }
    }

    [Fact]
    public void The_root_is_neither()
    {
        NodeIds.TryGetVolume(NodeIds.Root, out _).Should().BeFalse();
        TreeNode.TryParse(NodeIds.Root, out _).Should().BeFalse();
    }
}
