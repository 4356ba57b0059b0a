using System.Buffers;

namespace Tidegate.Indexer.Accounts;

// What is told of the orders: one of them, the state, and as the Indexer's snapshot and REST have them.
public sealed partial class OrderTable
{
    private const int CanceledShownBlocks = 20;
    private static readonly string[] RestFields = ["clientId", "clobPairId", "side", "size", "totalFilled", "price", "type", "status", "timeInForce", "reduceOnly", "orderFlags", "postOnly", "ticker"];

    /// <summary>Writes one order's row; false when it is unknown, or known in pieces alone.</summary>
    public bool TryWrite(string id, IBufferWriter<byte> to)
    {
        if (!byId.TryGetValue(id, out var order) || IsPartial(id))
        {
            return false;
        }

        order.Row.Write(to);
        return true;
    }

    /// <summary>Writes <c>{"orders":[…]}</c>, oldest first.</summary>
    public void WriteState(IBufferWriter<byte> to) => Write(to, EndedShown);

    /// <summary>
    /// Writes the array of those orders that the Indexer's snapshot holds at this height: the open ones, and best-effort-canceled ones that may
    /// still fill (protocol.md 2).
    /// </summary>
    internal void WriteOpen(long height, IBufferWriter<byte> to)
    {
        to.Write("["u8);
        var first = true;
        foreach (var order in orders)
        {
            var status = order.Row.Text("status");
            var shown = status is "OPEN" or "UNTRIGGERED" or "BEST_EFFORT_OPENED"
                || (status == "BEST_EFFORT_CANCELED" && order.Row.Whole("goodTilBlock") > height - CanceledShownBlocks);
            if (shown)
            {
                ValueText.Comma(first, to);
                first = false;
                order.Row.Write(to);
            }
        }

        to.Write("]"u8);
    }

    /// <summary>Writes the array of live orders with one of these statuses, by good-til descending; false where one is known in pieces alone.</summary>
    internal bool TryWriteOpen(IReadOnlyCollection<string> statuses, IBufferWriter<byte> to)
    {
        var shown = orders.Where(order => !order.Ended && statuses.Contains(order.Row.Text("status") ?? "")).ToList();
        if (!shown.TrueForAll(order => Array.TrueForAll(RestFields, order.Row.Has)))
        {
            return false;
        }

        to.Write("["u8);
        var first = true;
        foreach (var order in shown.OrderByDescending(order => GoodTil(order.Row)))
        {
            ValueText.Comma(first, to);
            first = false;
            order.Row.Write(to);
        }

        to.Write("]"u8);
        return true;
    }

    /// <summary>As <see cref="WriteState"/>, with the ended orders too that are only kept to tell a repeated row from a new order.</summary>
    internal void WriteKept(IBufferWriter<byte> to) => Write(to, EndedKept);

    private void Write(IBufferWriter<byte> to, int endedShown)
    {
        var skip = Math.Max(0, ended.Count - endedShown);
        var hidden = new HashSet<Order>(ended.Take(skip));
        to.Write("{\"orders\":["u8);
        var first = true;
        foreach (var order in orders)
        {
            if (hidden.Contains(order))
            {
                continue;
            }

            if (!first)
            {
                to.Write(","u8);
            }

            order.Row.Write(to);
            first = false;
        }

        to.Write("]}"u8);
    }
}
