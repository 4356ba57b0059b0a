using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>Merges frames of a state topic into one: the last value per key, numbered as the newest, following on the reader's last (contract 2, Views).</summary>
internal static class Conflation
{
    /// <summary>As <see cref="Merge"/>; readers of a ring that have come equally far share what was merged for the first of them.</summary>
    public static byte[] MergeShared(Ring ring, OutputKind kind, IReadOnlyList<RingFrame> frames, long previous)
    {
        var (from, to) = (frames[0].Position, frames[^1].Position);
        if (ring.Merged is { } known && (known.From, known.To, known.Previous) == (from, to, previous))
        {
            return known.Wire;
        }

        var wire = Merge(kind, frames, previous);
        ring.Merged = new MergedFrame(from, to, previous, wire);
        return wire;
    }

    /// <summary>The merged frame of updates that follow each other; <paramref name="previous"/> is the reader's last number.</summary>
    public static byte[] Merge(OutputKind kind, IReadOnlyList<RingFrame> frames, long previous)
    {
        var merged = Parse(frames[^1]);
        merged["prev_seq"] = previous;
        if (frames.Count > 1)
        {
            var parsed = frames.Take(frames.Count - 1).Select(Parse).Append(merged).ToList();
            if (parsed.FindLast(frame => frame.ContainsKey("known_to")) is { } horizon && horizon != merged)
            {
                merged["known_to"] = horizon["known_to"]?.DeepClone();
            }

            var bodies = parsed.ConvertAll(frame => frame["data"]!.AsObject());
            merged["data"] = kind switch
            {
                OutputKind.Book => new JsonObject { ["bids"] = Levels(bodies, "bids"), ["asks"] = Levels(bodies, "asks") },
                OutputKind.Candles => new JsonObject { ["candles"] = Candles(bodies) },
                OutputKind.Markets => new JsonObject { ["markets"] = Markets(bodies) },
                _ => bodies[^1].DeepClone(),
            };
        }

        var payload = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(payload, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            merged.WriteTo(writer);
        }

        return WireFrame.Of(payload.WrittenSpan);
    }

    private static JsonObject Parse(RingFrame frame)
    {
        var wire = frame.Wire.Span;
        var header = wire[1] < 126 ? 2 : wire[1] == 126 ? 4 : 10;
        return JsonNode.Parse(wire[header..])!.AsObject();
    }

    private static JsonArray Levels(List<JsonObject> bodies, string side)
    {
        var last = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var level in bodies.SelectMany(body => body[side]!.AsArray()))
        {
            last[level![0]!.GetValue<string>()] = level;
        }

        return new JsonArray([.. last.Values.Select(level => level.DeepClone())]);
    }

    private static JsonArray Candles(List<JsonObject> bodies)
    {
        var last = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var candle in bodies.SelectMany(body => body["candles"]!.AsArray()))
        {
            last[candle!["startedAt"]!.GetValue<string>()] = candle;
        }

        return new JsonArray([.. last.Values.Select(candle => candle.DeepClone())]);
    }

    private static JsonObject Markets(List<JsonObject> bodies)
    {
        var merged = new JsonObject();
        foreach (var (ticker, fields) in bodies.SelectMany(body => body["markets"]!.AsObject()))
        {
            if (merged[ticker] is not JsonObject market)
            {
                merged[ticker] = market = [];
            }

            foreach (var (name, value) in fields!.AsObject())
            {
                market[name] = value?.DeepClone();
            }
        }

        return merged;
    }
}
