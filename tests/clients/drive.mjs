// Drives dYdX's own TypeScript client and prints what it got, as one line of JSON.
//   node drive.mjs ws   BASE ADDRESS [TOKEN]   subscribes to everything it can; ends once every channel has flowed again after a line on stdin
//   node drive.mjs rest BASE ADDRESS [TOKEN]   calls every read method
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { IndexerClient, IndexerConfig, SocketClient } = createRequire(import.meta.url)("@dydxprotocol/v4-client-js");
const [mode, base, address, token] = process.argv.slice(2);
const root = token ? `${base}/t/${token}` : base;
const socketUrl = root.replace("http", "ws") + "/v4/ws";

// As its own order book example keeps a book: numbers, sorted, and looked at after each message.
class Book {
  bids = new Map();
  asks = new Map();
  crossed = 0;

  take(contents) {
    for (const part of Array.isArray(contents) ? contents : [contents]) {
      this.side(this.bids, part.bids);
      this.side(this.asks, part.asks);
    }
    const bid = Math.max(...this.bids.keys());
    const ask = Math.min(...this.asks.keys());
    if (bid >= ask) this.crossed++;
  }

  side(side, levels = []) {
    for (const level of levels) {
      const [price, size] = Array.isArray(level) ? level : [level.price, level.size];
      if (+size === 0) side.delete(+price);
      else side.set(+price, +size);
    }
  }
}

function watch() {
  const told = { frames: {}, since: {}, errors: [], closed: false, holes: 0, crossed: 0 };
  const book = new Book();
  const needed = new Set(["v4_markets", "v4_orderbook", "v4_trades", "v4_candles", "v4_subaccounts"]);
  let next = 0;
  let cut = false;
  let restored = false;

  const client = new SocketClient(
    new IndexerConfig(root, socketUrl),
    () => {
      client.subscribeToMarkets();
      client.subscribeToOrderbook("BTC-USD");
      client.subscribeToTrades("BTC-USD");
      client.subscribeToCandles("BTC-USD", "1MIN");
      client.subscribeToSubaccount(address, 0);
    },
    () => (told.closed = true),
    (event) => take(JSON.parse(event.data)),
    (error) => told.errors.push(String(error.message ?? error)),
  );

  function take(frame) {
    if (frame.message_id !== next++) told.holes++;
    const kind = frame.channel ? `${frame.type} ${frame.channel}` : frame.type;
    told.frames[kind] = (told.frames[kind] ?? 0) + 1;
    if (frame.type === "error") told.errors.push(frame.message);
    if (frame.channel === "v4_orderbook" && frame.contents) book.take(frame.contents);
    if (!/^channel/.test(frame.type)) return;
    needed.delete(frame.channel);
    if (needed.size > 0) return;
    if (!cut) {
      cut = true;
      console.log("flowing");
    } else if (restored) {
      finish();
    }
  }

  function finish() {
    told.crossed = book.crossed;
    client.unsubscribeFromOrderbook("BTC-USD");
    console.log(JSON.stringify(told));
    process.exit(0);
  }

  // The upstream was cut and is back: all has to flow once more.
  createInterface({ input: process.stdin }).on("line", () => {
    ["v4_markets", "v4_orderbook", "v4_trades", "v4_candles", "v4_subaccounts"].forEach((channel) => needed.add(channel));
    restored = true;
  });
  client.connect();
}

async function read() {
  const client = new IndexerClient(new IndexerConfig(root, socketUrl));
  const { account, markets, utility, vault } = client;
  const order = (await account.getSubaccountOrders(address, 0))[0]?.id;
  const calls = {
    "markets.getPerpetualMarkets": () => markets.getPerpetualMarkets(),
    "markets.getPerpetualMarkets(one)": () => markets.getPerpetualMarkets("BTC-USD"),
    "markets.getPerpetualMarketOrderbook": () => markets.getPerpetualMarketOrderbook("BTC-USD"),
    "markets.getPerpetualMarketTrades": () => markets.getPerpetualMarketTrades("BTC-USD", undefined, undefined, 5),
    "markets.getPerpetualMarketCandles": () => markets.getPerpetualMarketCandles("BTC-USD", "1MIN", undefined, undefined, 3),
    "markets.getPerpetualMarketHistoricalFunding": () => markets.getPerpetualMarketHistoricalFunding("BTC-USD"),
    "markets.getPerpetualMarketSparklines": () => markets.getPerpetualMarketSparklines(),
    "account.getSubaccounts": () => account.getSubaccounts(address),
    "account.getSubaccount": () => account.getSubaccount(address, 0),
    "account.getParentSubaccount": () => account.getParentSubaccount(address, 0),
    "account.getSubaccountPerpetualPositions": () => account.getSubaccountPerpetualPositions(address, 0),
    "account.getSubaccountAssetPositions": () => account.getSubaccountAssetPositions(address, 0),
    "account.getTransfersBetween": () => account.getTransfersBetween(address, 0, address, 128),
    "account.getSubaccountTransfers": () => account.getSubaccountTransfers(address, 0),
    "account.getParentSubaccountNumberTransfers": () => account.getParentSubaccountNumberTransfers(address, 0),
    "account.getSubaccountOrders": () => account.getSubaccountOrders(address, 0),
    "account.getParentSubaccountNumberOrders": () => account.getParentSubaccountNumberOrders(address, 0),
    "account.getOrder": () => account.getOrder(order),
    "account.getSubaccountFills": () => account.getSubaccountFills(address, 0),
    "account.getParentSubaccountNumberFills": () => account.getParentSubaccountNumberFills(address, 0),
    "account.getSubaccountHistoricalPNLs": () => account.getSubaccountHistoricalPNLs(address, 0),
    "account.getParentSubaccountNumberHistoricalPNLs": () => account.getParentSubaccountNumberHistoricalPNLs(address, 0),
    "account.getHistoricalTradingRewardsAggregations": () => account.getHistoricalTradingRewardsAggregations(address, "DAILY"),
    "account.getHistoricalBlockTradingRewards": () => account.getHistoricalBlockTradingRewards(address),
    "account.getSubaccountFundingPayments": () => account.getSubaccountFundingPayments(address, 0),
    "account.getParentSubaccountNumberFundingPayments": () => account.getParentSubaccountNumberFundingPayments(address, 0),
    "account.getSubaccountTradeHistory": () => account.getSubaccountTradeHistory(address, 0),
    "account.getParentSubaccountNumberTradeHistory": () => account.getParentSubaccountNumberTradeHistory(address, 0),
    "utility.getTime": () => utility.getTime(),
    "utility.getHeight": () => utility.getHeight(),
    "utility.complianceScreen": () => utility.complianceScreen(address),
    "vault.getMegavaultHistoricalPnl": () => vault.getMegavaultHistoricalPnl(),
    "vault.getVaultsHistoricalPnl": () => vault.getVaultsHistoricalPnl(),
    "vault.getMegavaultPositions": () => vault.getMegavaultPositions(),
  };
  const told = {};
  for (const [name, call] of Object.entries(calls)) {
    try {
      told[name] = shape(await call());
    } catch (error) {
      told[name] = `refused ${error.response?.status ?? error.message}`;
    }
  }
  console.log(JSON.stringify(told));
}

// Names and types alone: the numbers move.
function shape(value, depth = 0) {
  if (Array.isArray(value)) return value.length === 0 || depth > 2 ? [] : [shape(value[0], depth + 1)];
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, shape(member, depth + 1)]));
}

if (mode === "ws") watch();
else await read();
