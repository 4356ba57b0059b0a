using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Tests.Journal;
using Tidegate.Tests.Transcripts;
using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

/// <summary>Feeds in front of a scripted Indexer, topics, and a journal whose disk and clock the test holds; no sessions.</summary>
internal sealed class HubWorld : IAsyncDisposable
{
    public const string Account = Scripts.Account + "/0";
    private readonly ManualResetEventSlim disk = new(true);
    private IndexerFeeds feeds = null!;

    public ScriptedIndexer Indexer { get; private set; } = null!;

    public JournalWorld Store { get; } = new();

    public TopicHub Hub { get; private set; } = null!;

    public static async Task<HubWorld> StartAsync()
    {
        var world = new HubWorld { Indexer = await ScriptedIndexer.StartAsync() };
        world.Store.BeforeCommit = () => world.disk.Wait(TimeSpan.FromSeconds(60));
        world.Start();
        return world;
    }

    /// <summary>The disk takes nothing until <see cref="Release"/>.</summary>
    public void Hold() => disk.Reset();

    public void Release() => disk.Set();

    public async Task StopAsync()
    {
        Release();
        await feeds.DisposeAsync();
        feeds.Rest.Dispose();
        await Store.Journal!.DisposeAsync();
    }

    public void Start()
    {
        var upstream = new UpstreamOptions { Endpoints = [new IndexerEndpoint(Indexer.WebSocketUrl, Indexer.RestUrl)] };
        var pool = new SocketPool(upstream, TimeProvider.System, NullLoggerFactory.Instance);
        var rest = new IndexerRestClient(Indexer.RestUrl, TimeProvider.System, NullLogger<IndexerRestClient>.Instance);
        feeds = new IndexerFeeds(pool, rest, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), AuditPolicy.Default, TimeProvider.System, NullLoggerFactory.Instance);
        Hub = new TopicHub(feeds, Store.Open(), new TopicLimits(QueueFrames: 100, QueueBytes: 1 << 20, ResumeFrames: 400, ResumeBytes: 1 << 20), TimeSpan.FromMilliseconds(20), new SteadyTime(TimeProvider.System), NullLogger<TopicHub>.Instance);
        feeds.Start();
    }

    public TestReader Join(string channel, (string Epoch, long Seq)? resume = null)
    {
        var owner = new TestReader();
        owner.Reader = Hub.Join(TopicAddress.Parse(channel, Account, out _, out _)!, owner, 0, TimeSpan.Zero, resume is { } at ? new ResumePoint(at.Epoch, at.Seq) : null, out _, out _)!;
        return owner;
    }

    /// <summary>A frame of the stream with one fill.</summary>
    public Task FillAsync(int number) => Indexer.TellAsync("v4_subaccounts", Account, $$"""{"fills":[{{Fill(number)}}]}""");

    public static string Fill(int number) => $$"""{"id":"F{{number}}","side":"BUY","liquidity":"TAKER","type":"LIMIT","ticker":"BTC-USD","size":"1","price":"5","createdAt":"2026-01-01T00:00:00.000Z","createdAtHeight":"{{1000 + number}}","subaccountNumber":0}""";

    /// <summary>What REST tells of fills, besides frames.</summary>
    public void Fills(int count) => Indexer.Rest = path => path.StartsWith("/fills", StringComparison.Ordinal)
        ? (200, $$"""{"fills":[{{string.Join(',', Enumerable.Range(1, count).Select(Fill))}}],"pageSize":1000,"totalResults":{{count}},"offset":0}""")
        : Scripts.Rest(path);

    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, "never: " + what);
            await Task.Delay(2, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Store.DisposeAsync();
        await Indexer.DisposeAsync();
        disk.Dispose();
    }
}

/// <summary>Reads one topic as a session's writer does, when asked.</summary>
internal sealed class TestReader : IReaderOwner
{
    private readonly List<JsonObject> frames = [];

    public Reader Reader { get; set; } = null!;

    /// <summary>The frames so far: <c>type seq rows</c>.</summary>
    public List<string> Story => [.. Read().Select(frame => $"{frame["type"]} {frame["seq"]} {string.Join(',', Rows(frame))}".Trim())];

    public IReadOnlyList<JsonObject> Read()
    {
        var bytes = new ArrayBufferWriter<byte>();
        if (Reader.IsOutdated)
        {
            Reader.Topic.Renew(Reader);
        }

        var awaited = Reader.AwaitsState;
        if (Reader.CopyFirst(bytes) && !awaited)
        {
            Reader.CopyNext(bytes, int.MaxValue);
        }

        for (var rest = bytes.WrittenSpan; !rest.IsEmpty;)
        {
            var (header, length) = rest[1] < 126 ? (2, rest[1]) : (4, (rest[2] << 8) | rest[3]);
            frames.Add(JsonNode.Parse(Encoding.UTF8.GetString(rest.Slice(header, length)))!.AsObject());
            rest = rest[(header + length)..];
        }

        return [.. frames.Where(frame => (string?)frame["type"] != "feed_status")];
    }

    public void OnDue(Reader reader) => reader.TakeUp();

    private static IEnumerable<string> Rows(JsonObject frame) =>
        frame["data"] is JsonObject data && data.First().Value is JsonArray rows ? rows.Select(row => (string)row!["id"]!) : [];
}
