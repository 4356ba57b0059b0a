using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

/// <summary>The orders of one subaccount, each merged whole from partial frames by the rules of protocol.md 2, "Order life".</summary>
/// <remarks>Serialised by its owner. Keeps every order that can still change and the 100 last ended; more of these only to tell a repeated frame from a new order.</remarks>
public sealed partial class OrderTable
{
    /// <summary>How many ended orders a state shows.</summary>
    public const int EndedShown = 100;

    /// <summary>How long after its <c>goodTilBlock</c> a short-term order is taken for over, in blocks.</summary>
    public const int ExpiryBlocks = 3;

    private const int EndedKept = 1000;

    private readonly Dictionary<string, Order> byId = new(StringComparer.Ordinal);

    // In order of arrival; a new incarnation of an id goes to the end.
    private readonly LinkedList<Order> orders = new();
    private readonly LinkedList<Order> ended = new();
    private long forgottenUpTo = -1;

    /// <summary>How many orders are held, the ended ones that are shown no more among them.</summary>
    public int Count => byId.Count;

    /// <summary>
    /// Merges one order of a frame or a REST row. When the merged order differs from before, its whole row is written and true returned. False
    /// for a row without id, one that says nothing new, and one that the rules refuse (a terminal order is not revived by an older frame).
    /// </summary>
    public bool Apply(JsonElement order, int subaccountNumber, IBufferWriter<byte> row) => Apply(order, subaccountNumber, completes: false, row);

    /// <summary>As the other overload; a row that only completes an order adds what is missing, and an end: frames since it was asked for say more than its status.</summary>
    internal bool Apply(JsonElement order, int subaccountNumber, bool completes, IBufferWriter<byte> row)
    {
        if (JsonRow.From(order) is not { } told || told.Text("id") is not { Length: > 0 } id || !HasNumbers(told))
        {
            return false;
        }

        if (!byId.TryGetValue(id, out var known))
        {
            if (IsTerminal(told.Text("status")) && told.Whole("updatedAtHeight") <= ForgottenUpTo())
            {
                return false;
            }

            AdjustSuborder(told, null);
            return Begin(id, told, subaccountNumber, row);
        }

        AdjustSuborder(told, known.Row);
        switch (Judge(known, told))
        {
            case Verdict.Begin:
                Forget(known);
                return Begin(id, told, subaccountNumber, row);
            case Verdict.Merge when !completes || IsTerminal(told.Text("status")):
                known.Concluded &= !IsTerminal(told.Text("status"));
                return Settle(known, Merged(known, told, onlyMissing: false), row);
            case Verdict.Merge or Verdict.FillIn:
                return Settle(known, Merged(known, told, onlyMissing: true), row);
            default:
                return false;
        }
    }

    /// <summary>Ids of orders that can still change.</summary>
    public IEnumerable<string> Live() => orders.Where(o => !o.Ended).Select(o => o.Id);

    /// <summary>Whether the order is known and misses price or size, which a first frame may lack.</summary>
    public bool IsPartial(string id) => byId.TryGetValue(id, out var order) && !(order.Row.Has("price") && order.Row.Has("size"));

    /// <summary>Whether REST is still to be asked for what the order misses: true once per incarnation, until <see cref="MayAskAgain"/>.</summary>
    internal bool ShouldAsk(string id)
    {
        if (!IsPartial(id) || byId[id].Asked)
        {
            return false;
        }

        return byId[id].Asked = true;
    }

    /// <summary>REST gave no answer: the order's next frame asks anew.</summary>
    internal void MayAskAgain(string id)
    {
        if (byId.TryGetValue(id, out var order))
        {
            order.Asked = false;
        }
    }

    /// <summary>The status of an order, null when it is not known.</summary>
    public string? StatusOf(string id) => byId.TryGetValue(id, out var order) ? order.Row.Text("status") : null;

    /// <summary>Ids and statuses of short-term orders whose time is over by this height (goodTilBlock + 3).</summary>
    public IReadOnlyList<(string Id, string Status)> Expired(long height)
    {
        var over = new List<(string, string)>();
        foreach (var order in orders)
        {
            if (!order.Ended && IsShortTerm(order.Row) && order.Row.Whole("goodTilBlock") is { } last && height >= last + ExpiryBlocks)
            {
                over.Add((order.Id, order.Row.Text("status") ?? ""));
            }
        }

        return over;
    }

    /// <summary>Ends an order by the keeper's own conclusion: CANCELED, or FILLED when wholly filled; gives way to any later row with more filled. As <see cref="Apply(JsonElement, int, IBufferWriter{byte})"/>.</summary>
    public bool Conclude(string id, IBufferWriter<byte> row)
    {
        if (!byId.TryGetValue(id, out var order) || order.Ended)
        {
            return false;
        }

        var next = order.Row.Clone();
        var size = Number(next, "size");
        next.Set("status", size > 0m && Number(next, "totalFilled") >= size ? "\"FILLED\""u8.ToArray() : "\"CANCELED\""u8.ToArray());
        order.Concluded = true;
        return Settle(order, next, row);
    }

    /// <summary>Takes an order as it was told once, whole, in the order of telling. False when it is no order.</summary>
    internal bool Restore(JsonElement order)
    {
        if (JsonRow.From(order) is not { } row || row.Text("id") is not { Length: > 0 } id)
        {
            return false;
        }

        if (byId.TryGetValue(id, out var known) && (!known.Ended || IsTerminal(row.Text("status"))))
        {
            known.Row = row;
            NoteEnd(known);
            return true;
        }

        if (known is not null)
        {
            Forget(known);
        }

        Add(id, row);
        return true;
    }

    /// <summary>
    /// The height at or below which an ended order that is not known was told and forgotten: REST sorts by good-til, so a long good-til brings an order back
    /// after any time.
    /// </summary>
    private long ForgottenUpTo()
    {
        if (forgottenUpTo < 0 && ended.Count == EndedKept)
        {
            // A restored past is as full as it was when it was kept: something was forgotten before, at the oldest of it at the latest.
            forgottenUpTo = ended.Min(order => order.Row.Whole("updatedAtHeight") ?? long.MaxValue);
        }

        return forgottenUpTo;
    }

    private bool Begin(string id, JsonRow told, int subaccountNumber, IBufferWriter<byte> row)
    {
        told.Set("subaccountNumber", Encoding.ASCII.GetBytes(subaccountNumber.ToString(CultureInfo.InvariantCulture)));
        Add(id, told);
        told.Write(row);
        return true;
    }

    private void Add(string id, JsonRow row)
    {
        var order = new Order(id, row);
        byId.Add(id, order);
        order.Place = orders.AddLast(order);
        NoteEnd(order);
    }

    private bool Settle(Order order, JsonRow next, IBufferWriter<byte> row)
    {
        if (next.IsSame(order.Row))
        {
            return false;
        }

        order.Row = next;
        NoteEnd(order);
        next.Write(row);
        return true;
    }

    private void NoteEnd(Order order)
    {
        var isEnded = IsTerminal(order.Row.Text("status"));
        if (isEnded == order.Ended)
        {
            return;
        }

        if (isEnded)
        {
            order.EndPlace = ended.AddLast(order);
            if (ended.Count > EndedKept)
            {
                var oldest = ended.First!.Value;
                forgottenUpTo = Math.Max(forgottenUpTo, oldest.Row.Whole("updatedAtHeight") ?? -1);
                Forget(oldest);
            }
        }
        else
        {
            ended.Remove(order.EndPlace!);
            (order.EndPlace, order.Concluded) = (null, false);
        }
    }

    private void Forget(Order order)
    {
        byId.Remove(order.Id);
        orders.Remove(order.Place!);
        if (order.EndPlace is not null)
        {
            ended.Remove(order.EndPlace);
        }
    }

    private sealed class Order(string id, JsonRow row)
    {
        public string Id { get; } = id;

        public JsonRow Row { get; set; } = row;

        /// <summary>Ended by the keeper's own conclusion, not by a word of the Indexer.</summary>
        public bool Concluded { get; set; }

        /// <summary>REST was asked for what it misses.</summary>
        public bool Asked { get; set; }

        public bool Ended => EndPlace is not null;

        public LinkedListNode<Order>? Place { get; set; }

        public LinkedListNode<Order>? EndPlace { get; set; }
    }
}
