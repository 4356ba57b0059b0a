using System.Globalization;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>The demo accounts and what they do: the liveliest trades all the time and has an isolated child, the last one rests.</summary>
internal sealed class AccountFlow
{
    /// <summary>What the accounts hold long on the whole, of their equity.</summary>
    private const decimal Lean = 0.3m;

    private readonly Exchange exchange;
    private readonly Random random;
    private readonly Orders orders;
    private readonly string wallet;

    public AccountFlow(Exchange exchange, SimulatorOptions options)
    {
        this.exchange = exchange;
        random = new Random((options.Seed * 104_729) + 1);
        orders = new Orders(exchange, random);
        wallet = Address(options.Seed, "wallet");
        string[] names = ["lively", "steady", "calm"];
        foreach (var name in names) Accounts.Add(new Subaccount(Address(options.Seed, name), 0));
        Accounts.Insert(1, new Subaccount(Accounts[0].Address, Subaccount.Parents));
    }

    public List<Subaccount> Accounts { get; } = [];

    private Market Isolated => exchange.Markets.FirstOrDefault(m => m.Isolated) ?? exchange.Markets[0];

    private IReadOnlyList<Market> Cross => exchange.Markets.Where(m => !m.Isolated).Take(3).ToList() is { Count: > 0 } some ? some : exchange.Markets;

    /// <summary>First deposits, first positions, first resting orders.</summary>
    public void Open()
    {
        foreach (var (account, usdc) in Accounts.Zip([250_000m, 0m, 80_000m, 12_500m]))
        {
            if (usdc > 0) Deposit(account, usdc, silent: true);
        }
        Transfer(Accounts[0], Accounts[1], 20_000);
        var block = new Block(exchange.Height, exchange.Now);
        foreach (var account in Accounts)
        {
            foreach (var market in account.Number >= Subaccount.Parents ? [Isolated] : Cross.Take(account == Accounts[3] ? 1 : 3))
            {
                orders.FillNow(block, account, market, AnySide(), Size(market, account == Accounts[0] ? 10 : 2));
                for (var i = 0; i < 3; i++) orders.PlaceLongTerm(block, account, market, AnySide(), Size(market, 1));
            }
        }
        foreach (var account in Accounts) orders.Tell(block, account);
    }

    /// <summary>What the accounts do on chain in this block.</summary>
    public void Act(Block block)
    {
        orders.Reward(block, Accounts[0], random.Next(10) == 0 ? random.Next(1, 900) * 0.000001m : null);
        foreach (var account in Accounts.ToList())
        {
            orders.Fill(block, account);
            orders.Trigger(block, account);
            if (account.Born) Habit(block, account);
            orders.Tell(block, account);
        }
        if (random.Next(30) == 0) MoveMoney();
    }

    /// <summary>What they do off chain until the next block, and what short-term orders come to.</summary>
    public void AfterBlock(Block block)
    {
        foreach (var account in Accounts) orders.Expire(account, block.Height);
        Between(0.55, () => orders.Take(Accounts[0], Any(Cross), Steered(Accounts[0]), s => Size(s, 0.4)));
        Between(0.35, () => orders.Make(Accounts[0], Any(Cross), AnySide(), s => Size(s, 0.5)));
        Between(0.10, () => orders.Take(Accounts[1], Isolated, Steered(Accounts[1]), s => Size(s, 0.5)));
        Between(0.12, () => orders.Take(Accounts[2], Any(Cross), Steered(Accounts[2]), s => Size(s, 0.3)));
        Between(0.08, () => orders.Make(Accounts[2], Any(Cross), AnySide(), s => Size(s, 0.3)));
    }

    public void Deposit(Subaccount account, decimal usdc, bool silent = false)
    {
        Apply(new Transfer(TransferId(account.Topic), wallet, null, account.Address, account.Number, usdc, Hash(), exchange.Now, exchange.Height), null, account, silent);
    }

    public void FillSoon(Subaccount account, Market market) => orders.Take(account, market, Steered(account), s => Size(s, 0.4), certain: true);

    public string TellUnseen(Subaccount account) => orders.TellUnseen(account, Cross[0]);

    private static string Address(int seed, string name) => Bech32.AddressOf(string.Create(CultureInfo.InvariantCulture, $"{name} {seed}"));

    private void Habit(Block block, Subaccount account)
    {
        if (Accounts.IndexOf(account) > 3) return;
        if (account == Accounts[3])
        {
            if (random.Next(240) == 0) orders.Liquidate(block, account, Cross[0]);
            return;
        }
        var market = account.Number >= Subaccount.Parents ? Isolated : Any(Cross);
        switch (random.Next(account == Accounts[0] ? 60 : 160))
        {
            case 0 or 1: orders.PlaceLongTerm(block, account, market, AnySide(), Size(market, 1)); break;
            case 2: orders.CancelOne(block, account); break;
            case 3: orders.FillResting(block, account); break;
            case 4: orders.PlaceConditional(block, account, market, Size(market, 0.6)); break;
            case 5: orders.PlaceTwap(block, account, market, Steered(account), Size(market, 2)); break;
            case 6: orders.RemoveUnseen(block, account, market); break;
            default: break;
        }
    }

    private void MoveMoney()
    {
        var lively = Accounts[0];
        var size = random.Next(1, 90_000) * 0.01m;
        switch (random.Next(4))
        {
            case 0: Deposit(lively, size); break;
            case 1:
                Apply(new Transfer(TransferId(lively.Topic), lively.Address, 0, wallet, null, size, Hash(), exchange.Now, exchange.Height), lively, null);
                break;
            case 2: Transfer(lively, Accounts[1], size); break;
            default: Transfer(Accounts[2], lively, Math.Min(size, 50)); break;
        }
    }

    private void Transfer(Subaccount from, Subaccount to, decimal size) =>
        Apply(new Transfer(TransferId(from.Topic), from.Address, from.Number, to.Address, to.Number, size, Hash(), exchange.Now, exchange.Height), from, to);

    private void Apply(Transfer transfer, Subaccount? from, Subaccount? to, bool silent = false)
    {
        foreach (var party in new[] { from, to })
        {
            if (party is null) continue;
            party.Move(transfer, transfer.Height);
            if (silent) continue;
            exchange.Listener?.AccountChanged(party, new AccountChange { Assets = true, Height = transfer.Height, OnChain = true });
            exchange.Listener?.AccountChanged(party, new AccountChange { Transfer = transfer, Height = transfer.Height, OnChain = true });
        }
    }

    private void Between(double probability, Action what)
    {
        var later = random.NextDouble() * 0.9;
        if (random.NextDouble() < probability) exchange.Plan(TimeSpan.FromSeconds(later), what);
    }

    private Side AnySide() => random.Next(2) == 0 ? Side.Buy : Side.Sell;

    /// <summary>Trades lean against what is held, so that no account runs away.</summary>
    private Side Steered(Subaccount account)
    {
        var held = account.OpenPositions.Sum(p => p.Notional) - (account.Equity * Lean);
        var lean = (double)Math.Clamp(held / Math.Max(1, account.Equity), -1, 1);
        return random.NextDouble() < 0.5 - (lean * 0.35) ? Side.Buy : Side.Sell;
    }

    private Market Any(IReadOnlyList<Market> some) => some[random.Next(some.Count)];

    private decimal Size(Market market, double scale) => market.ToStep(market.TypicalSize * (decimal)(scale * (0.3 + random.NextDouble())));

    private string TransferId(string topic) => Identity.Of(string.Create(CultureInfo.InvariantCulture, $"transfer {topic} {exchange.Height} {random.Next()}"));

    private string Hash() => Identity.Transaction(exchange.Height, random.Next(1 << 20));
}
