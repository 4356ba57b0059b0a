"""Follows event topics of a Tidegate gateway and loses nothing: after each drop it comes back and resumes where it stopped.

    pip install websockets        (or Debian's python3-websockets)
    python3 follow.py ws://127.0.0.1:8080/ws/dashboard v4_trades BTC-USD

Prints one JSON line for each update: {"seq":…,"source":…,"data":…}. docs/protocol.md is all that it is written from.
"""

import argparse
import asyncio
import json
import random
import sys

import websockets

CURED_BY_NO_WAIT = {"token-expired", "token-revoked"}

# The library's newer client, from version 14 on, names this option anew.
HEADERS = "additional_headers" if int(websockets.__version__.split(".")[0]) >= 14 else "extra_headers"


class Topic:
    """What the client holds of one topic: the epoch and the number of the last frame it has dealt with."""

    def __init__(self, channel, id):
        self.channel, self.id = channel, id
        self.epoch, self.seq = None, 0

    def subscribe(self):
        frame = {"type": "subscribe", "channel": self.channel, "id": self.id}
        if self.epoch is not None:
            frame["resume"] = {"epoch": self.epoch, "seq": self.seq}
        return json.dumps(frame)

    def take(self, frame):
        """Deals with a frame; returns what to answer, if anything."""
        kind = frame["type"]
        if kind in ("subscribed", "snapshot"):
            if not frame.get("resumed"):
                # The whole state. A real client would join it with what it has, by id.
                self.epoch, self.seq = frame["epoch"], frame["seq"]
            note(self, kind, resumed=frame.get("resumed"), seq=frame["seq"])
        elif kind == "feed_status":
            note(self, kind, mode=frame["data"]["mode"], complete=frame["data"]["complete"])
        elif "seq" in frame:
            if frame.get("prev_seq", frame["seq"] - 1) != self.seq:
                return json.dumps({"type": "snapshot", "channel": self.channel, "id": self.id})
            self.seq = frame["seq"]
            print(json.dumps({"type": kind, "seq": self.seq, "source": frame.get("source"), "data": frame["data"]}), flush=True)
        elif kind == "gap":
            note(self, "the past is out of reach", **frame["data"])
        return None


def note(topic, what, **more):
    print(f"{topic.channel} {topic.id}: {what} {more}", file=sys.stderr, flush=True)


async def follow_once(url, topic, options, counts):
    """One connection, until it breaks or enough was seen."""
    # A silent connection is a broken one: the library pings, and raises when no pong comes.
    given = {"ping_interval": 5, "ping_timeout": 5, "max_size": None, HEADERS: options.headers}
    async with websockets.connect(url + "?subscribe=none", **given) as socket:
        await socket.send(topic.subscribe())
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "error":
                note(topic, frame["code"], message=frame["message"])
            elif frame.get("channel") == topic.channel and frame.get("id") == topic.id:
                before = topic.seq
                answer = topic.take(frame)
                if answer is not None:
                    await socket.send(answer)
                counts["told"] += topic.seq > before and frame["type"] not in ("subscribed", "snapshot")
                counts["since"] += 1
            if options.events and counts["told"] >= options.events:
                return
            if options.drop_after and counts["since"] >= options.drop_after:
                counts["since"] = 0
                socket.transport.abort()


async def follow(options):
    topic, wait, counts = Topic(options.channel, options.id), 0.5, {"told": 0, "since": 0}
    while True:
        told = counts["told"]
        try:
            await follow_once(options.url, topic, options, counts)
            return
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.reason in CURED_BY_NO_WAIT:
                raise SystemExit(f"the gateway says {closed.rcvd.reason}")
        except websockets.InvalidHandshake as refused:
            status = getattr(refused, "status_code", None) or getattr(getattr(refused, "response", None), "status_code", None)
            if status in (401, 403):
                raise SystemExit(f"the gateway refuses with {status}")
        except OSError:
            pass
        # The wait doubles up to 16 s while nothing comes; chance keeps a thousand clients from coming back together.
        wait = 0.5 if counts["told"] > told else min(16.0, wait * 2)
        await asyncio.sleep(wait * random.uniform(0.8, 1.2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("channel", choices=("v4_trades", "v4_orders", "v4_transfers"))
    parser.add_argument("id")
    parser.add_argument("--token", help="sent as Authorization: Bearer")
    parser.add_argument("--events", type=int, help="end after so many updates")
    parser.add_argument("--drop-after", type=int, help="cut the own connection after so many frames, to see it resume")
    options = parser.parse_args()
    options.headers = {"Authorization": f"Bearer {options.token}"} if options.token else {}
    asyncio.run(follow(options))


if __name__ == "__main__":
    main()
