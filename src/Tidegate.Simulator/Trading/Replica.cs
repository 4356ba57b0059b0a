using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>What REST reads at one moment.</summary>
internal sealed record LedgerView(long Height, DateTimeOffset BlockTime, IReadOnlyList<Subaccount> Accounts, Func<Market, Book> BookOf);

/// <summary>The database that REST reads: the ledger itself, or with a lag its copy of some blocks ago. Used under the exchange's lock.</summary>
internal sealed class Replica(Exchange exchange, Func<TimeSpan> lagNow)
{
    private readonly LinkedList<(DateTimeOffset Taken, LedgerView View)> copies = [];

    public LedgerView Read()
    {
        var view = new LedgerView(exchange.Height, exchange.BlockAt, exchange.Accounts, m => m.Book);
        var lag = lagNow();
        if (lag == TimeSpan.Zero)
        {
            copies.Clear();
            return view;
        }
        while (copies.First?.Next is { } next && next.Value.Taken <= exchange.Now - lag) copies.RemoveFirst();
        return copies.First?.Value.View ?? view;
    }

    public void Record(long height, DateTimeOffset time)
    {
        if (lagNow() == TimeSpan.Zero) return;
        var books = exchange.Markets.ToDictionary(m => m, m => m.Book.Copy());
        copies.AddLast((exchange.Now, new LedgerView(height, time, [.. exchange.Accounts.Select(a => a.Copy())], m => books[m])));
    }
}
