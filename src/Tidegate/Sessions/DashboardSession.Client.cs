using System.Text.Json;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>What a client may say (contract 2, Client → server).</summary>
internal sealed partial class DashboardSession
{
    private async ValueTask AnswerAsync(JsonElement root, CancellationToken cancellationToken)
    {
        switch (ClientFrame.Text(root, "type"))
        {
            case "subscribe":
                OnSubscribe(root);
                break;
            case "unsubscribe":
                OnUnsubscribe(root);
                break;
            case "snapshot":
                OnSnapshot(root);
                break;
            case "ping":
                Send(ServerFrames.Pong(root, time.GetUtcNow()));
                break;
            case "authenticate":
                await OnAuthenticateAsync(root, cancellationToken).ConfigureAwait(false);
                break;
            case null when root.TryGetProperty("type", out _) == false:
                Bad("unknown-type", "the frame has no type");
                break;
            default:
                Bad("unknown-type", "there is no such type; known are subscribe, unsubscribe, snapshot, ping and authenticate");
                break;
        }
    }

    private void OnSubscribe(JsonElement root)
    {
        if (AddressOf(root) is not { } address)
        {
            return;
        }

        if (!ClientFrame.TryOptions(root, out var options, out var wrong))
        {
            Refuse("bad-frame", wrong, address.Channel, address.Id);
        }
        else if (options.Depth > 0 && address.Output != OutputKind.Book)
        {
            Refuse("not-supported", "depth is for v4_orderbook only", address.Channel, address.Id);
        }
        else if (address.Account is { } account && !Identity.Covers(account))
        {
            Refuse("address-not-covered", "the token does not cover the address", address.Channel, address.Id);
        }
        else
        {
            Subscribe(address, options.Depth, options.Conflate, options.Resume);
        }
    }

    private void Subscribe(TopicAddress address, int depth, TimeSpan conflate, ResumePoint? resume)
    {
        lock (gate)
        {
            if (readers.ContainsKey((address.Channel, address.Id)))
            {
                Refuse("already-subscribed", "the session follows the topic already", address.Channel, address.Id);
                return;
            }

            if (readers.Count >= hub.Limits.MaxSubscriptions)
            {
                Refuse("subscription-limit", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"at most {hub.Limits.MaxSubscriptions} topics a connection"), address.Channel, address.Id);
                return;
            }

            var merged = address.Output is OutputKind.Orders or OutputKind.Fills or OutputKind.Tape or OutputKind.Transfers ? TimeSpan.Zero : conflate;
            var reader = hub.Topics.Join(address, this, depth, merged, resume, out var refusal, out var message);
            if (reader is null)
            {
                Refuse(ServerFrames.CodeOf(refusal), message, address.Channel, address.Id);
                return;
            }

            Follow(reader);
        }

        outbox.Signal();
    }

    private void OnUnsubscribe(JsonElement root)
    {
        if (AddressOf(root) is not { } address)
        {
            return;
        }

        if (!Unsubscribe(address.Channel, address.Id))
        {
            Refuse("not-subscribed", "the session does not follow the topic", address.Channel, address.Id);
        }
    }

    private bool Unsubscribe(string channel, string id)
    {
        if (!Leave(channel, id))
        {
            return false;
        }

        Send(ServerFrames.Unsubscribed(channel, id));
        return true;
    }

    private void OnSnapshot(JsonElement root)
    {
        if (AddressOf(root) is not { } address)
        {
            return;
        }

        Reader? reader;
        lock (gate)
        {
            readers.TryGetValue((address.Channel, address.Id), out reader);
        }

        if (reader is null)
        {
            Refuse("not-subscribed", "the session does not follow the topic", address.Channel, address.Id);
            return;
        }

        reader.WantsSnapshot = true;
        reader.MarkDueNow();
        outbox.Signal();
    }

    private async ValueTask OnAuthenticateAsync(JsonElement root, CancellationToken cancellationToken)
    {
        if (ClientFrame.Text(root, "token") is not { } token)
        {
            Refuse("bad-frame", "authenticate needs a token", null, null);
            return;
        }

        var verdict = await hub.Tokens.CheckAsync(token, cancellationToken).ConfigureAwait(false);
        if (verdict.Identity is not { } fresh || Identity.Open)
        {
            Refuse("token-refused", Identity.Open ? "no token is needed here" : $"the token was refused: {verdict.Code}", null, null);
            return;
        }

        Volatile.Write(ref identity, Identity with { Token = fresh });
        List<(string Channel, string Id)> uncovered;
        lock (gate)
        {
            uncovered = [.. readers.Where(pair => pair.Value.Topic.Address.Account is { } account && !fresh.Covers(account)).Select(pair => pair.Key)];
        }

        Send(ServerFrames.Authenticated(fresh.ExpiresAt));
        foreach (var (channel, id) in uncovered)
        {
            Unsubscribe(channel, id);
        }
    }

    /// <summary>The Indexer refused a topic: told, and gone.</summary>
    public override void OnTopicRefused(Reader reader, FeedRefusal refusal, string message)
    {
        var address = reader.Topic.Address;
        Forget(reader);
        Refuse(ServerFrames.CodeOf(refusal), message, address.Channel, address.Id);
    }

    private TopicAddress? AddressOf(JsonElement root)
    {
        var channel = ClientFrame.Text(root, "channel");
        if (channel is null)
        {
            Refuse("bad-frame", "channel is missing or not a string", null, null);
            return null;
        }

        if (root.TryGetProperty("id", out var given) && given.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
        {
            Refuse("bad-id", "id is not a string", channel, null);
            return null;
        }

        var id = ClientFrame.Text(root, "id");
        var address = TopicAddress.Parse(channel, id, out var code, out var message);
        if (address is null)
        {
            Refuse(code, message, channel, id);
        }

        return address;
    }

    private void Refuse(string code, string message, string? channel, string? id)
    {
        hub.Metrics.BadClientFrame(code);
        Send(ServerFrames.Error(code, message, channel, id));
    }

    private void Bad(string code, string message)
    {
        Refuse(code, message, null, null);
        if (badFrames.IsOver())
        {
            Close(1008, "bad-frames", dropDue: true);
        }
    }
}
