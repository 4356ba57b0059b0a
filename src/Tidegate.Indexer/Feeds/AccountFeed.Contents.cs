using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// What an account tells in the Indexer's own shape. Of a frame what was new goes on as one frame; what was learned otherwise becomes a frame of
/// its own, of one subaccount, as the stream would have told it.
/// </summary>
public sealed partial class AccountFeed
{
    private const int None = -1;
    private static readonly string[] Parts = ["perpetualPositions", "assetPositions", "orders", "fills", "transfers", "blockHeight"];
    private readonly ArrayBufferWriter<byte> frame = new(1024);
    private readonly List<string> framed = [];
    private int frameOf = None;
    private bool ordersRead;

    private protected override bool IsWhole => value.HasState && ordersRead;

    internal override void TellContents(FeedOutput of, ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book)
    {
        // The value's parts are told as they are taken: they say more than the sums.
        if (of == value)
        {
            return;
        }

        using var document = JsonSlice.TryParse(body);
        var rows = JsonSlice.Items(document!.RootElement.EnumerateObject().First().Value)
            .Select(item => (Of: (int)JsonSlice.Whole(JsonSlice.Member(item, "subaccountNumber")), Row: JsonRow.From(item)!))
            .ToList();
        if (of == transfers.Output)
        {
            rows.ForEach(row => Tell("transfers", row.Of, source, at, () => WritePart("transfers", row.Row)));
            return;
        }

        var part = of == orderOutput ? "orders" : "fills";
        rows.ForEach(row => row.Row.Remove("account"));
        foreach (var lane in rows.GroupBy(row => row.Of, row => row.Row))
        {
            Tell(part, lane.Key, source, at, () => WritePart(part, lane.ToList()));
        }
    }

    /// <summary>
    /// Writes the value as REST has it, <c>{"subaccount":{…}}</c>; false where the account is not whole at the moment, never was, or has a position
    /// that only frames told of: those mean other sums by some of REST's names (protocol.md 2).
    /// </summary>
    public bool TryWriteRest(IBufferWriter<byte> to)
    {
        lock (Gate)
        {
            var known = IsWhole && !held && Status is { Mode: FeedMode.Streaming, Complete: true }
                && accounts.Values.Any(account => account.Exists) && accounts.Values.All(account => account.IsOfRest);
            if (known)
            {
                to.Write("{\"subaccount\":"u8);
                WriteRestValue(to);
                to.Write("}"u8);
            }

            return known;
        }
    }

    /// <summary>
    /// Writes the array of orders with one of these statuses, of those that can still change, as REST sorts them; false where the account is not whole at
    /// the moment, or an order is known in pieces alone.
    /// </summary>
    public bool TryWriteOpenOrders(IReadOnlyCollection<string> statuses, IBufferWriter<byte> to)
    {
        lock (Gate)
        {
            return IsWhole && Status is { Mode: FeedMode.Streaming, Complete: true } && orders.TryWriteOpen(statuses, to);
        }
    }

    private void WriteRestValue(IBufferWriter<byte> to)
    {
        if (parent)
        {
            ParentAccount.WriteRest(to, address, number, accounts.Values, Context.Markets);
        }
        else
        {
            AccountOf(number).WriteRest(to, Context.Markets);
        }
    }

    private protected override void WriteContents(IBufferWriter<byte> to)
    {
        if (!accounts.Values.Any(account => account.Exists))
        {
            to.Write("{}"u8);
            return;
        }

        to.Write("{\"subaccount\":"u8);
        WriteRestValue(to);
        to.Write(",\"orders\":"u8);
        orders.WriteOpen(Context.Chain.Height, to);
        to.Write(",\"blockHeight\":"u8);
        to.Write(Height());
        to.Write("}"u8);
    }

    /// <summary>From here on what is told belongs to one frame of the stream. Under the gate.</summary>
    private void BeginFrame(int child)
    {
        if (Contents.IsHeard)
        {
            frameOf = child;
            framed.Clear();
            frame.ResetWrittenCount();
        }
    }

    /// <summary>Tells what was new of the frame, and what it holds besides.</summary>
    private void EndFrame(JsonElement root, DateTimeOffset at)
    {
        if (frameOf == None)
        {
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!Parts.Contains(member.Name, StringComparer.Ordinal))
            {
                BeginPart(member.Name);
                frame.Write(JsonMarshal.GetRawUtf8Value(member.Value));
            }
        }

        var height = JsonSlice.Member(root, "blockHeight");
        EndFrame(height.ValueKind == JsonValueKind.Undefined ? Height() : JsonMarshal.GetRawUtf8Value(height), ChangeSource.Stream, at);
    }

    private void EndFrame(ReadOnlySpan<byte> height, ChangeSource source, DateTimeOffset at)
    {
        if (frame.WrittenCount > 0)
        {
            BeginPart("blockHeight");
            frame.Write(height);
            frame.Write("}"u8);
            Contents.Tell(source, at, frame.WrittenSpan, subaccount: parent ? frameOf : None);
        }

        frameOf = None;
    }

    private void AddHoldings(JsonElement positions, JsonElement assets)
    {
        if (frameOf == None)
        {
            return;
        }

        foreach (var (name, items) in new[] { ("perpetualPositions", positions), ("assetPositions", assets) })
        {
            if (IsThere(items))
            {
                BeginPart(name);
                frame.Write(JsonMarshal.GetRawUtf8Value(items));
            }
        }
    }

    /// <summary>Takes a subaccount's whole value, and tells what differs.</summary>
    private bool ApplyWhole(AccountState account, JsonElement whole, ChangeSource source, DateTimeOffset at)
    {
        var before = account.Held;
        var taken = account.ApplyWhole(whole);
        if (taken && Contents.IsHeard)
        {
            Tell("perpetualPositions", account.SubaccountNumber, source, at, () =>
            {
                WritePart("perpetualPositions", account.ChangedPositions(before).ToList());
                WritePart("assetPositions", account.ChangedAssets(before).ToList());
            });
        }

        return taken;
    }

    // Within the stream's frame a part of it, where it fits in; else a frame of its own, after what came before it.
    private void Tell(string part, int subaccount, ChangeSource source, DateTimeOffset at, Action write)
    {
        var open = frameOf;
        if (open == subaccount && !framed.Contains(part))
        {
            write();
            return;
        }

        if (open != None)
        {
            EndFrame(Height(), ChangeSource.Stream, at);
        }

        BeginFrame(subaccount);
        write();
        EndFrame(Height(), source, at);
        if (open != None)
        {
            BeginFrame(open);
        }
    }

    private void WritePart(string name, List<JsonRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        BeginPart(name);
        frame.Write("["u8);
        for (var i = 0; i < rows.Count; i++)
        {
            ValueText.Comma(i == 0, frame);
            rows[i].Write(frame);
        }

        frame.Write("]"u8);
    }

    // The Indexer tells a transfer alone, not in an array.
    private void WritePart(string name, JsonRow row)
    {
        BeginPart(name);
        row.Write(frame);
    }

    private void BeginPart(string name)
    {
        framed.Add(name);
        frame.Write(frame.WrittenCount == 0 ? "{"u8 : ","u8);
        frame.Write(JsonRow.KeyOf(name));
    }

    // The chain's, where no frame says it: all frames of an account carry one.
    private byte[] Height() => JsonRow.Quote(Context.Chain.Height.ToString(CultureInfo.InvariantCulture));
}
