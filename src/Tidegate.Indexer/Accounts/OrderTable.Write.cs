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
        WriteRows(orders.Where(IsShown), to);
        to.Write("]"u8);

        bool IsShown(Order order) => order.Row.Text("status") is var status
            && (status is "OPEN" or "UNTRIGGERED" or "BEST_EFFORT_OPENED"
                || (status == "BEST_EFFORT_CANCELED" && order.Row.Whole("goodTilBlock") > height - CanceledShownBlocks));
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
        WriteRows(shown.OrderByDescending(order => GoodTil(order.Row)), to);
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
        WriteRows(orders.Where(order => !hidden.Contains(order)), to);
        to.Write("]}"u8);
    }

    private static void WriteRows(IEnumerable<Order> shown, IBufferWriter<byte> to)
    {
        var first = true;
        foreach (var order in shown)
        {
            ValueText.Comma(first, to);
            first = false;
            order.Row.Write(to);
        }
    }
}
