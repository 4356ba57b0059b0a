/**
 * Follows event topics of a Tidegate gateway with the page's own client: after each drop it comes back and resumes where it stopped.
 *
 *   follow URL CHANNEL ID [--token T] [--events N] [--drop-after N]
 *
 * Prints one JSON line for each update: {"source":…,"data":…}. How to run it stands in samples/README.md.
 */
import { FeedClient, type Store } from '../../web/client/src/index';

declare const process: { argv: string[]; exit(code: number): never };

const [url = '', channel = '', id = ''] = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const [events, dropAfter] = [Number(option('--events') ?? 0), Number(option('--drop-after') ?? 0)];
const token = option('--token');
const protocols = token === undefined ? ['tidegate.v1'] : ['tidegate.v1', `bearer.${token}`];
let [told, since] = [0, 0];
let socket: WebSocket;

/** Keeps nothing: what is told is printed. A real store folds `replace` and `apply` into what it shows. */
const printer: Store = {
  replace: () => console.error(`${channel} ${id}: the whole state`),
  apply(data, source) {
    told++;
    console.log(JSON.stringify({ seq: client.find(channel, id)?.seq, source, data }));
    if (events > 0 && told >= events) process.exit(0);
    if (dropAfter > 0 && ++since >= dropAfter) {
      since = 0;
      socket.close();
    }
  },
};

const client: FeedClient = new FeedClient({
  open: () => (socket = new WebSocket(`${url}?subscribe=none`, protocols)),
  probe: () => Promise.resolve(null),
  // The account's own topics, which the client would follow as well, are not asked for.
  store: (itsChannel, itsId) => (itsChannel === channel && itsId === id ? printer : null),
  changed: () => undefined,
  after(milliseconds, what) {
    const timer = setTimeout(what, milliseconds);
    return () => clearTimeout(timer);
  },
  now: () => Date.now(),
  random: () => Math.random(),
});
client.connect();
client.subscribe(channel, id);
