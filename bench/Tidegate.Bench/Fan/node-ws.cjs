// The peer `node ws`: lines "<topic> <payload>" from the publisher, one send a client and message.
const { WebSocketServer } = require("ws");
const [port, publish] = process.argv.slice(2).map(Number);
const followers = new Map();
new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false }).on("connection", (socket, request) => {
  const topics = new URL(request.url, "http://l").searchParams.get("t").split(",");
  for (const topic of topics) {
    if (!followers.has(topic)) followers.set(topic, new Set());
    followers.get(topic).add(socket);
  }
  const leave = () => topics.forEach((topic) => followers.get(topic).delete(socket));
  socket.on("close", leave);
  socket.on("error", leave);
});
require("net").createServer((publisher) => {
  let rest = "";
  publisher.setEncoding("latin1");
  publisher.on("error", () => {});
  publisher.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const space = line.indexOf(" ");
      for (const socket of followers.get(line.slice(0, space)) ?? []) socket.send(line.slice(space + 1));
    }
  });
}).listen(publish, "127.0.0.1");
