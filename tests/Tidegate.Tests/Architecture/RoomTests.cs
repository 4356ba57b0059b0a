using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using Tidegate.Indexer.Feeds;
using Tidegate.Simulator;
using Tidegate.Topics;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Tidegate.Tests.Architecture;

/// <summary>Who may know whom: the rooms of docs/architecture.md, asserted.</summary>
public sealed class RoomTests
{
    private static readonly ArchUnitNET.Domain.Architecture Rooms =
        new ArchLoader().LoadAssemblies(typeof(IndexerFeeds).Assembly, typeof(TopicHub).Assembly, typeof(SimulatedIndexer).Assembly).Build();

    [Theory]
    [InlineData("Tidegate.Indexer.Books")]
    [InlineData("Tidegate.Indexer.Accounts")]
    [InlineData("Tidegate.Indexer.Markets")]
    [InlineData("Tidegate.Indexer.Candles")]
    [InlineData("Tidegate.Indexer.Trades")]
    [InlineData("Tidegate.Indexer.Units")]
    public void States_know_neither_sockets_nor_rest_nor_feeds(string room)
    {
        Forbid(room, "Tidegate.Indexer.Sockets", "Tidegate.Indexer.Rest", "Tidegate.Indexer.Feeds");
        Types().That().ResideInNamespace(room).Should().NotDependOnAny(typeof(TimeProvider), typeof(Task), typeof(System.Net.Http.HttpClient)).Check(Rooms);
    }

    [Fact]
    public void Transport_knows_no_feed_and_no_state() =>
        Forbid("Tidegate.Indexer.Sockets", "Tidegate.Indexer.Feeds", "Tidegate.Indexer.Books", "Tidegate.Indexer.Accounts");

    [Fact]
    public void Topics_know_no_session_and_no_endpoint() => Forbid("Tidegate.Topics", "Tidegate.Sessions", "Tidegate.Endpoints", "Tidegate.Commands");

    [Fact]
    public void The_journal_knows_neither_what_it_keeps_nor_who_reads_it() =>
        Forbid("Tidegate.Journal", "Tidegate.Topics", "Tidegate.Sessions", "Tidegate.Endpoints", "Tidegate.Commands", "Tidegate.Indexer.Feeds", "Tidegate.Configuration");

    [Fact]
    public void Sessions_know_no_endpoint_and_no_socket_of_the_indexer() =>
        Forbid("Tidegate.Sessions", "Tidegate.Endpoints", "Tidegate.Commands", "Tidegate.Indexer.Sockets", "Tidegate.Indexer.Rest");

    [Fact]
    public void The_drop_in_side_knows_no_session_of_the_dashboard() => Forbid("Tidegate.DropIn", "Tidegate.Sessions", "Tidegate.Endpoints", "Tidegate.Commands", "Tidegate.Indexer.Sockets");

    [Fact]
    public void Descriptions_know_nothing_of_what_they_describe() =>
        Forbid("Tidegate.Descriptions", "Tidegate.Indexer", "Tidegate.Topics", "Tidegate.Sessions", "Tidegate.DropIn", "Tidegate.Endpoints", "Tidegate.Journal", "Tidegate.Commands");

    [Fact]
    public void The_library_knows_no_gateway_no_simulator_and_no_web_server()
    {
        var references = typeof(IndexerFeeds).Assembly.GetReferencedAssemblies().Select(name => name.Name!).ToList();
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain("tidegate", references);
        Assert.DoesNotContain("Tidegate.Simulator", references);
    }

    [Fact]
    public void The_simulator_shares_nothing_with_what_it_judges()
    {
        var references = typeof(SimulatedIndexer).Assembly.GetReferencedAssemblies().Select(name => name.Name!).ToList();
        Assert.DoesNotContain("Tidegate.Indexer", references);
        Assert.DoesNotContain("tidegate", references);
    }

    [Fact]
    public void Only_demo_and_simulate_know_the_simulator()
    {
        foreach (var room in new[] { "Tidegate.Topics", "Tidegate.Journal", "Tidegate.Sessions", "Tidegate.DropIn", "Tidegate.Descriptions", "Tidegate.Endpoints", "Tidegate.Access", "Tidegate.Operations" })
        {
            Forbid(room, "Tidegate.Simulator");
        }
    }

    [Theory]
    [InlineData("Tidegate.Indexer.(*)")]
    [InlineData("Tidegate.Simulator.(*)")]
    public void The_folders_of_a_project_are_free_of_circles(string folders) => SliceRuleDefinition.Slices().Matching(folders).Should().BeFreeOfCycles().Check(Rooms);

    [Fact]
    public void The_rooms_of_the_gateway_are_free_of_circles()
    {
        var gateway = new ArchLoader().LoadAssemblies(typeof(TopicHub).Assembly).Build();
        SliceRuleDefinition.Slices().Matching("Tidegate.(*)").Should().BeFreeOfCycles().Check(gateway);
    }

    private static void Forbid(string room, params string[] others)
    {
        foreach (var other in others)
        {
            Types().That().ResideInNamespace(room).Should().NotDependOnAny(Types().That().ResideInNamespace(other)).WithoutRequiringPositiveResults().Check(Rooms);
        }
    }
}
