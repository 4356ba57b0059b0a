using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// One account: its value, orders, fills and transfers. On the parent channel the parent's value over its isolated children, and the events of all.
/// </summary>
public sealed partial class AccountFeed : Feed
{
    private static readonly TimeSpan FirstAudit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RecomputeAtMostEvery = TimeSpan.FromMilliseconds(100);
    private readonly bool parent;
    private readonly string address;
    private readonly int number;
    private readonly SortedDictionary<int, AccountState> accounts = [];
    private OrderTable orders = new();
    private readonly EventStream fills;
    private readonly EventStream transfers;
    private readonly FeedOutput value;
    private readonly FeedOutput orderOutput;
    private readonly ArrayBufferWriter<byte> told = new(4096);
    private readonly ArrayBufferWriter<byte> row = new(1024);
    private readonly ITimer recompute;
    private DateTimeOffset valueToldAt;
    private bool recomputeDue;
    private bool wholeTaken;

    internal AccountFeed(TopicKey key, FeedContext context)
        : base(key, context)
    {
        parent = key.Channel == Channel.ParentSubaccounts;
        var slash = key.Id.IndexOf('/', StringComparison.Ordinal);
        address = key.Id[..slash];
        number = int.Parse(key.Id[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        var events = parent ? $"{address}/parent/{number}" : key.Id;
        value = new FeedOutput(this, parent ? OutputKind.ParentAccount : OutputKind.Account, key.Channel.WireName(), key.Id, WriteValue);
        orderOutput = new FeedOutput(this, OutputKind.Orders, "v4_orders", events, to => orders.WriteState(to), to => orders.WriteKept(to));
        fills = new EventStream(new FeedOutput(this, OutputKind.Fills, "v4_trades", events, to => fills!.WriteState(to)), "trades", new EventLog(1000));
        transfers = new EventStream(new FeedOutput(this, OutputKind.Transfers, "v4_transfers", events, to => transfers!.WriteState(to)), "transfers", new EventLog(100));
        Outputs = [value, orderOutput, fills.Output, transfers.Output];
        recompute = context.Time.CreateTimer(_ => Recompute(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        holder = context.Time.CreateTimer(_ => HoldValueOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        context.TermsMoved += OnTermsMoved;
        context.HeightRose += OnHeightRose;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    private protected override void OnStop()
    {
        Context.TermsMoved -= OnTermsMoved;
        Context.HeightRose -= OnHeightRose;
        recompute.Dispose();
        holder.Dispose();
    }

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at)
    {
        using var document = JsonSlice.TryParse(contents);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        TakeWhole(JsonSlice.Member(document.RootElement, "subaccount"), ChangeSource.Repair, at);
        TakeOrders(OldestFirst(JsonSlice.Items(JsonSlice.Member(document.RootElement, "orders"))), number, ChangeSource.Backfill, at);
        BeginFill(afterLoss: true);
        AuditIn(FirstAudit);
        return true;
    }

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        using var document = JsonSlice.TryParse(contents);
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var root = document.RootElement;
        var positions = JsonSlice.Member(root, "perpetualPositions");
        var assets = JsonSlice.Member(root, "assetPositions");
        var child = parent && subaccountNumber >= 0 ? subaccountNumber : number;
        BeginFrame(child);
        TakeValue(root, positions, assets, child, at);
        TakeOrders(JsonSlice.Items(JsonSlice.Member(root, "orders")), child, ChangeSource.Stream, at);
        var fits = TakeEvents(fills, JsonSlice.Member(root, "fills"), item => EventRows.Fill(item, child), at);
        fits &= TakeEvents(transfers, JsonSlice.Member(root, "transfers"), item => EventRows.Transfer(item, child), at);
        EndFrame(root, at);
        return fits;
    }

    private bool TakeEvents(EventStream stream, JsonElement items, Func<JsonElement, EventRow?> rowOf, DateTimeOffset at)
    {
        if (items.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        var rows = new List<EventRow>();
        foreach (var item in items.ValueKind == JsonValueKind.Array ? JsonSlice.Items(items) : [items])
        {
            if (item.ValueKind == JsonValueKind.Object && rowOf(item) is { } made)
            {
                rows.Add(made);
            }
        }

        if (!stream.TakeLive(rows, at))
        {
            GiveUp(at);
        }

        return rows.Count > 0;
    }

    private void TakeOrders(IEnumerable<JsonElement> items, int subaccount, ChangeSource source, DateTimeOffset at, bool completes = false)
    {
        Body.ResetWrittenCount();
        Body.Write("{\"orders\":["u8);
        var changed = 0;
        foreach (var item in items)
        {
            var own = (int)JsonSlice.Whole(JsonSlice.Member(item, "subaccountNumber"));
            row.ResetWrittenCount();
            if (item.ValueKind == JsonValueKind.Object && orders.Apply(item, own >= 0 ? own : subaccount, completes, row))
            {
                AppendRow(changed++);
                CompleteLater(item);
            }
        }

        TellOrders(changed, source, at);
    }

    // REST sorts by good-til, the latest first; told and forgotten are orders by when they changed. What no block has seen yet comes last.
    private static IEnumerable<JsonElement> OldestFirst(IEnumerable<JsonElement> items) =>
        items.OrderBy(item => JsonSlice.Whole(JsonSlice.Member(item, "updatedAtHeight")) is >= 0 and var height ? height : long.MaxValue);

    private void AppendRow(int already)
    {
        if (already > 0)
        {
            Body.Write(","u8);
        }

        Body.Write(row.WrittenSpan);
    }

    private void TellOrders(int changed, ChangeSource source, DateTimeOffset at)
    {
        if (changed > 0)
        {
            Body.Write("]}"u8);
            orderOutput.Tell(source, at, Body.WrittenSpan, rows: changed);
        }
    }

    /// <summary>Takes a whole value: of a subaccount, or a parent with its children; an empty or absent one is the account that never was.</summary>
    private void TakeWhole(JsonElement subaccount, ChangeSource source, DateTimeOffset at)
    {
        AccountOf(number);
        var taken = false;
        if (parent)
        {
            foreach (var child in JsonSlice.Items(JsonSlice.Member(subaccount, "childSubaccounts")))
            {
                var own = (int)JsonSlice.Whole(JsonSlice.Member(child, "subaccountNumber"));
                taken |= ApplyWhole(AccountOf(own >= 0 ? own : number), child, source, at);
            }
        }
        else
        {
            taken = ApplyWhole(AccountOf(number), subaccount, source, at);
        }

        CheckedAt = at;
        if (value.HasState)
        {
            if (held && !taken)
            {
                return;
            }

            TellValue(source, at);
            return;
        }

        wholeTaken = true;
        CompleteValue();
    }

    // Without oracle prices the value would be wrong: the first state waits for the markets.
    private void CompleteValue()
    {
        if (Context.Markets.Count > 0)
        {
            told.ResetWrittenCount();
            WriteValue(told);
            value.Complete();
        }
    }

    private AccountState AccountOf(int subaccount)
    {
        if (!accounts.TryGetValue(subaccount, out var account))
        {
            accounts[subaccount] = account = new AccountState(address, subaccount);
        }

        return account;
    }

    private void WriteValue(IBufferWriter<byte> to)
    {
        to.Write("{\"subaccount\":"u8);
        if (parent)
        {
            ParentAccount.Write(to, address, number, accounts.Values, Context.Markets);
        }
        else
        {
            AccountOf(number).Write(to, Context.Markets);
        }

        to.Write("}"u8);
    }

    private void TellValue(ChangeSource source, DateTimeOffset at)
    {
        held = false;
        Body.ResetWrittenCount();
        WriteValue(Body);
        if (Body.WrittenSpan.SequenceEqual(told.WrittenSpan))
        {
            return;
        }

        told.ResetWrittenCount();
        told.Write(Body.WrittenSpan);
        valueToldAt = at;
        value.Tell(source, at, Body.WrittenSpan);
    }

    private void OnTermsMoved()
    {
        lock (Gate)
        {
            if (!value.HasState && wholeTaken)
            {
                CompleteValue();
                return;
            }

            if (recomputeDue || held || !value.HasState || !accounts.Values.Any(account => account.HasPositions))
            {
                return;
            }

            var wait = RecomputeAtMostEvery - (Context.Time.GetUtcNow() - valueToldAt);
            if (wait > TimeSpan.Zero && wait <= RecomputeAtMostEvery)
            {
                recomputeDue = true;
                recompute.Change(wait, Timeout.InfiniteTimeSpan);
                return;
            }

            TellValue(ChangeSource.Stream, Context.Time.GetUtcNow());
        }
    }

    private void Recompute()
    {
        lock (Gate)
        {
            recomputeDue = false;
            if (!held)
            {
                TellValue(ChangeSource.Stream, Context.Time.GetUtcNow());
            }
        }

        Context.RaiseDrained();
    }
}
