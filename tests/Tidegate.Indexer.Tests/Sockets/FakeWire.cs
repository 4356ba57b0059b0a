using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>A wire without a network: the test decides how dials end and what the server says.</summary>
internal sealed class FakeWire(FakeNet net, string name) : IWire
{
    private readonly Lock gate = new();
    private IWireListener? listener;
    private bool over;

    public string Name { get; } = name;

    public DateTimeOffset? LastByteAt { get; set; }

    public bool HasUnread { get; set; }

    /// <summary>What the client sent: <c>subscribe v4_trades BTC-USD</c>.</summary>
    public List<string> Sent { get; } = [];

    public bool IsOver => over;

    public Task OpenAsync(CancellationToken cancellationToken) => net.OpenAsync(this, cancellationToken);

    public void Read(IWireListener to) => listener = to;

    public Task SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(frame);
        var id = json.RootElement.TryGetProperty("id", out var given) ? given.GetString() : "";
        var line = $"{json.RootElement.GetProperty("type").GetString()} {json.RootElement.GetProperty("channel").GetString()} {id}".TrimEnd();
        lock (gate)
        {
            Sent.Add(line);
        }

        net.Sent(this, line);
        return Task.CompletedTask;
    }

    public Task CloseAsync(CancellationToken cancellationToken)
    {
        End(1000, null);
        return Task.CompletedTask;
    }

    public void Abort() => End(null, "aborted");

    public void Dispose() => Abort();

    public void Say(string frame)
    {
        LastByteAt = net.Time.GetUtcNow();
        listener!.OnFrame(Encoding.UTF8.GetBytes(frame));
    }

    /// <summary>All that was said is read, and the reader waits.</summary>
    public void Drain() => listener!.OnDrained();

    public void Ping() => LastByteAt = net.Time.GetUtcNow();

    public void Subscribed(TopicKey topic, string contents = "{}") => Say(Frame("subscribed", topic, contents));

    public void Data(TopicKey topic, string contents = "{}") => Say(Frame("channel_data", topic, contents));

    public void Error(string message) => Say(JsonSerializer.Serialize(new { type = "error", message, connection_id = "c", message_id = 1 }));

    public void End(int? code, string? reason)
    {
        lock (gate)
        {
            if (over)
            {
                return;
            }

            over = true;
        }

        listener?.OnEnded(code, reason);
    }

    private static string Frame(string type, TopicKey topic, string contents) =>
        $$"""{"type":"{{type}}","channel":"{{topic.Channel.WireName()}}","id":"{{topic.Id}}","message_id":1,"contents":{{contents}}}""";
}

/// <summary>All wires of a test.</summary>
internal sealed class FakeNet(TimeProvider time)
{
    public TimeProvider Time { get; } = time;

    public List<FakeWire> Wires { get; } = [];

    public List<Uri> Dialled { get; } = [];

    public FakeWire Last => Wires[^1];

    /// <summary>How a dial ends; by default it opens.</summary>
    public Func<FakeWire, Task> OnOpen { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the server does on a client's frame; by default nothing.</summary>
    public Action<FakeWire, string> OnSent { get; set; } = (_, _) => { };

    public IWire Dial(Uri url, string name)
    {
        var wire = new FakeWire(this, name);
        Dialled.Add(url);
        Wires.Add(wire);
        return wire;
    }

    public Task OpenAsync(FakeWire wire, CancellationToken cancellationToken) => OnOpen(wire).WaitAsync(cancellationToken);

    public void Sent(FakeWire wire, string line) => OnSent(wire, line);

    /// <summary>Answers every subscribe and unsubscribe as a healthy server does.</summary>
    public void AnswerAll() => OnSent = (wire, line) =>
    {
        var parts = line.Split(' ');
        Assert.True(ChannelNames.TryParse(parts[1], out var channel));
        var topic = new TopicKey(channel, parts.Length > 2 ? parts[2] : "");
        if (parts[0] == "subscribe")
        {
            wire.Subscribed(topic);
        }
        else
        {
            wire.Say($$"""{"type":"unsubscribed","channel":"{{parts[1]}}","id":"{{topic.Id}}","message_id":2}""");
        }
    };

    public static Task Refuse(FakeWire _) => Task.FromException(new HttpRequestException("connection refused"));
}

/// <summary>Writes down all calls, and lets a test wait for one.</summary>
internal sealed class Recorder : ISubscriber
{
    private readonly Lock gate = new();
    private readonly List<string> calls = [];
    private readonly List<LinkStatus> links = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Action<string>? OnCall { get; set; }

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (gate)
            {
                return [.. calls];
            }
        }
    }

    public IReadOnlyList<LinkStatus> Links
    {
        get
        {
            lock (gate)
            {
                return [.. links];
            }
        }
    }

    public void OnSubscribed(in FrameEnvelope frame, DateTimeOffset at) => Note("subscribed " + Encoding.UTF8.GetString(frame.Contents), null);

    public void OnData(in FrameEnvelope frame, DateTimeOffset at) => Note("data " + Encoding.UTF8.GetString(frame.Contents), null);

    public void OnLink(LinkStatus status) => Note("link " + status.State, status);

    public async Task<Recorder> Until(Func<Recorder, bool> seen)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (seen(this))
            {
                return this;
            }

            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail("never seen; heard: " + string.Join(" | ", Calls) + " / " + string.Join(" | ", Links));
            }
        }
    }

    public Task<Recorder> UntilState(LinkState state) => Until(r => r.Links.Count > 0 && r.Links[^1].State == state);

    private void Note(string call, LinkStatus? status)
    {
        lock (gate)
        {
            calls.Add(call);
            if (status is not null)
            {
                links.Add(status);
            }
        }

        try
        {
            OnCall?.Invoke(call);
        }
        finally
        {
            lock (gate)
            {
                changed.TrySetResult();
                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
