// Holds a gateway to its own descriptions, by tools that are not ours: both documents against their standards, and every frame and body against both.
//   node described.mjs BASE ADDRESS TOKEN   prints "flowing" once all that flows by itself was seen; after a line on stdin ends when everything
//                                           described was seen, or says what was not
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Validator } from "@seriousme/openapi-schema-validator";

const require = createRequire(import.meta.url);
const specs = require("@asyncapi/specs");
const Ajv = require("ajv");
const Ajv2020 = require("ajv/dist/2020.js");
const formats = require("ajv-formats");
const WebSocket = require("ws");

const [base, address, token] = process.argv.slice(2);
const authorized = { headers: { authorization: `Bearer ${token}` } };
const told = { violations: [], kinds: {}, missing: [], statuses: {}, paths: [] };
const fault = (what) => told.violations.length < 20 && told.violations.push(what);
const tell = (validate) => validate.errors.map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`).join("; ");

const read = async (path, options) => {
  const answer = await fetch(base + path, options);
  return { status: answer.status, source: answer.headers.get("x-tidegate-source"), text: await answer.text() };
};
const openApi = JSON.parse((await read("/openapi/v1.json")).text);
const asyncApi = JSON.parse((await read("/asyncapi.json")).text);

const checked = await new Validator().validate(structuredClone(openApi));
if (!checked.valid) fault(`openapi: ${JSON.stringify(checked.errors)}`);
const standard = new Ajv({ strict: false, validateFormats: false }).compile(specs.schemasWithoutId["3.0.0"]);
if (!standard(asyncApi)) fault(`asyncapi: ${tell(standard)}`);

// What the description allows to grow must not be there yet: a field that it does not name is one that somebody forgot.
for (const schema of Object.values(asyncApi.components.schemas)) {
  if (schema.properties?.type?.const) schema.additionalProperties = false;
}
const frames = formats(new Ajv({ strict: false })).addSchema(asyncApi, "sockets");
const bodies = formats(new Ajv2020({ strict: false })).addFormat("int32", true).addFormat("int64", true).addFormat("double", true).addSchema(openApi, "rest");

function kindsOf(channel, action) {
  const kinds = new Map();
  for (const operation of Object.values(asyncApi.operations).filter((one) => one.action === action && one.channel.$ref === `#/channels/${channel}`)) {
    for (const { $ref } of operation.messages) {
      const payload = asyncApi.components.messages[$ref.split("/").pop()].payload.$ref.split("/").pop();
      kinds.set(asyncApi.components.schemas[payload].properties.type.const, frames.compile({ $ref: `sockets#/components/schemas/${payload}` }));
    }
  }
  return kinds;
}

// One socket, and which of its described frames were not seen yet.
function follow(channel, path, topics, more) {
  const sent = kindsOf(channel, "receive");
  const kinds = kindsOf(channel, "send");
  const unseen = new Set(kinds.keys());
  const socket = new WebSocket(base.replace("http", "ws") + path, { headers: { authorization: `Bearer ${token}` } });
  const say = (frame) => {
    if (!sent.get(frame.type)?.(frame)) fault(`${channel}: what we send is not described: ${JSON.stringify(frame)}`);
    socket.send(JSON.stringify(frame));
  };
  socket.on("open", () => {
    for (const topic of topics) say({ type: "subscribe", ...topic });
    more(say, socket);
  });
  socket.on("message", (text) => {
    const frame = JSON.parse(text);
    const fits = kinds.get(frame.type);
    unseen.delete(frame.type);
    told.kinds[`${channel} ${frame.type}`] = (told.kinds[`${channel} ${frame.type}`] ?? 0) + 1;
    if (!fits) fault(`${channel}: not described: ${frame.type}`);
    else if (!fits(frame)) fault(`${channel}: ${tell(fits)} in ${String(text).slice(0, 300)}`);
    look();
  });
  socket.on("close", (code) => fault(`${channel}: closed by ${code}`));
  return unseen;
}

const market = "BTC-USD";
const dashboard = follow(
  "dashboard",
  "/ws/dashboard",
  [
    { channel: "v4_orderbook", id: market },
    { channel: "v4_trades", id: market },
    { channel: "v4_candles", id: `${market}/1MIN` },
    { channel: "v4_markets" },
    { channel: "v4_block_height" },
    { channel: "v4_transfers", id: `${address}/0` },
    { channel: "v4_parent_subaccounts", id: `${address}/0` },
    { channel: "v4_orderbook", id: "ETH-USD", depth: 5, conflate_ms: 100 },
    { channel: "v4_trades", id: "ETH-USD", resume: { epoch: "another", seq: 3 } },
  ],
  (say, socket) => {
    say({ type: "ping", id: 7 });
    say({ type: "authenticate", token });
    say({ type: "snapshot", channel: "v4_markets" });
    say({ type: "unsubscribe", channel: "v4_trades", id: "ETH-USD" });
    socket.send("not JSON");
  },
);
const indexer = follow(
  "indexer",
  "/v4/ws",
  [
    { channel: "v4_orderbook", id: market, batched: true },
    { channel: "v4_trades", id: market },
    { channel: "v4_candles", id: `${market}/1MIN` },
    { channel: "v4_markets" },
    { channel: "v4_block_height" },
    { channel: "v4_subaccounts", id: `${address}/0` },
    { channel: "v4_parent_subaccounts", id: `${address}/0`, batched: true },
  ],
  (say, socket) => {
    say({ type: "unsubscribe", channel: "v4_orderbook", id: "ETH-USD" });
    say({ type: "ping" });
    socket.send("not JSON");
  },
);

const byFault = new Set(["gap", "feed_status", "transfer_update"]);
let cut = false;
let restored = false;

function look() {
  if (!cut && indexer.size === 0 && [...dashboard].every((kind) => byFault.has(kind))) {
    cut = true;
    console.log("flowing");
  } else if (restored && dashboard.size === 0) {
    finish();
  }
}

// Every path of the Indexer is answered or passed on; our own answer by a described status and a body of the described shape.
async function ask() {
  const parts = { ticker: market, address, number: 0, orderId: "00000000-0000-0000-0000-000000000000" };
  const query = `address=${address}&subaccountNumber=0&parentSubaccountNumber=0&resolution=1MIN&timePeriod=ONE_DAY`;
  for (const [path, operations] of Object.entries(openApi.paths)) {
    const operation = operations.get;
    if (!operation) continue;
    const taken = operation.parameters?.filter((one) => one.in === "query").map((one) => one.name) ?? [];
    const asked = path.replace(/\{(\w+)\}/g, (_, name) => parts[name]) + "?" + query.split("&").filter((one) => taken.includes(one.split("=")[0])).join("&");
    const { status, source, text } = await read(asked, authorized);
    told.statuses[path] = status;
    const described = operation.responses[status];
    const schema = described?.content && Object.values(described.content)[0].schema;
    if (path.startsWith("/v4/") && path !== "/v4/ws") {
      if (!source && status !== 403) fault(`${path} is no path: ${status} ${text}`);
    } else if (!described) {
      fault(`${path} answered ${status}, which is not described`);
    } else if (schema?.$ref) {
      const fits = bodies.compile({ $ref: "rest" + schema.$ref, unevaluatedProperties: false });
      if (!fits(JSON.parse(text))) fault(`${path}: ${tell(fits)} in ${text.slice(0, 300)}`);
    }
  }
  told.paths = Object.keys(openApi.paths);
}

async function finish() {
  clearTimeout(late);
  restored = false;
  await ask();
  told.missing = [...dashboard, ...indexer];
  console.log(JSON.stringify(told));
  process.exit(0);
}

const late = setTimeout(() => {
  if (!cut) console.log("not flowing");
  finish();
}, 90_000);
createInterface({ input: process.stdin }).once("line", () => {
  restored = true;
  look();
});
