#!/usr/bin/env python3
"""A QMP client that knows nothing of lunik: `foreign_qmp.py SOCKET COUNT COMMAND`.

Sends COMMAND so many times, many at once, each with an id of its own, and checks that every
one is answered once, in order, by a value of the right kind. Prints a line of JSON:
what was asked, answered and seen of events.
"""
import json
import socket
import sys

EXPECTED = {
    "query-status": lambda value: "running" in value,
    "query-name": lambda value: value.get("name") == "t",
    "query-kvm": lambda value: "present" in value,
    "lunik-forwards": lambda value: value == [],
}


class Lines:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def __iter__(self):
        return self

    def __next__(self):
        while b"\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                raise StopIteration
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)


def main(path, count, command):
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(path)
    lines = Lines(sock)
    assert "QMP" in next(lines)
    sock.sendall(b'{"execute": "qmp_capabilities"}')
    events = lost = answered = sent = 0
    last = None
    for message in lines:
        if "event" in message:
            if message["event"] == "LUNIK_EVENTS_LOST":
                lost += message["data"]["count"]
            else:
                events += 1
        elif last is None:
            assert message == {"return": {}}, message
            last = -1
        else:
            assert message["id"] == {"number": last + 1, "of": command}, message
            assert EXPECTED[command](message["return"]), message
            last += 1
            answered += 1
        if last is not None:
            while sent < count and sent - answered < 50:
                request = {"execute": command, "id": {"number": sent, "of": command}}
                sock.sendall(json.dumps(request).encode())
                sent += 1
            if answered == count:
                break
    print(json.dumps({"sent": sent, "answered": answered, "events": events, "lost": lost}))


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
