// Drives ccxt's dYdX exchange, a client that knows nothing of Tidegate, and prints what it got as one line of JSON.
//   node ccxt.mjs BASE ADDRESS [TOKEN]
import ccxt from "ccxt";

const [base, address, token] = process.argv.slice(2);
const root = token ? `${base}/t/${token}` : base;
const exchange = new ccxt.pro.dydx({ walletAddress: address, enableRateLimit: false });
exchange.urls.api.indexer = `${root}/v4`;
exchange.urls.api.ws = `${root.replace("http", "ws")}/v4/ws`;

const told = {};
async function call(name, run, good) {
  try {
    told[name] = good(await run()) ? "good" : "wrong";
  } catch (error) {
    told[name] = String(error.message ?? error).slice(0, 200);
  }
}

const symbol = "BTC/USDC:USDC";
const rows = (list) => Array.isArray(list) && list.length > 0;
const sorted = (book) => book.bids.length > 5 && book.asks.length > 5 && book.bids[0][0] < book.asks[0][0];
await exchange.loadHttpProxyAgent(); // what it asks for where a socket's address is ws://

// It takes the Indexer's seconds for milliseconds.
await call("fetchTime", () => exchange.fetchTime(), (time) => Math.abs(time * 1000 - Date.now()) < 60_000);
await call("fetchMarkets", () => exchange.loadMarkets(), (markets) => markets[symbol] !== undefined);
await call("fetchOrderBook", () => exchange.fetchOrderBook(symbol), sorted);
await call("fetchTrades", () => exchange.fetchTrades(symbol), rows);
await call("fetchOHLCV", () => exchange.fetchOHLCV(symbol, "1m"), rows);
await call("fetchFundingRateHistory", () => exchange.fetchFundingRateHistory(symbol), Array.isArray);
await call("fetchOrders", () => exchange.fetchOrders(undefined, undefined, undefined, { address, subaccountNumber: 0 }), rows);
await call("fetchPositions", () => exchange.fetchPositions(undefined, { address, subaccountNumber: 0 }), Array.isArray);
await call("watchTrades", () => exchange.watchTrades(symbol), rows);
await call("watchOHLCV", () => exchange.watchOHLCV(symbol, "1m"), rows);
await call("watchOrderBook", async () => {
  let book;
  for (let i = 0; i < 50; i++) book = await exchange.watchOrderBook(symbol);
  return book;
}, sorted);
console.log(JSON.stringify(told));
await exchange.close();
process.exit(0);
