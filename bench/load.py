"""Open pages that poll: `python -m bench.load ADDRESS PATH OTHER_PATH EVERY PAGES SECONDS INTERVAL`.

One connection for each page, kept alive as browsers do. The times are an open loop: poll number n leaves at its
moment whether the server is quick or slow, evenly spread, and is timed from that moment. Every `EVERY`th poll asks
for OTHER_PATH (0: none does). A single loop over epoll with ready-made requests: it takes little of the two cores
that it shares with the server, and says how much.
"""

import json
import select
import socket
import sys
import time
from collections import Counter, deque
from urllib.parse import urlsplit

# What a browser and htmx send along.
HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: csrftoken=0123456789abcdefghijklmnopqrstuv; theme=dark\r\nHX-Request: true\r\n"
    "HX-Current-URL: http://127.0.0.1/\r\nReferer: http://127.0.0.1/\r\n"
    "Sec-Fetch-Mode: cors\r\nConnection: keep-alive\r\n"
)
LATE_SECONDS = 10
WARM_UP_ROUNDS = 1


class Load:
    """The pages of one run, and what they saw."""

    def __init__(self, host: str, port: int, pages: int) -> None:
        self._address = (host, port)
        self.epoll = select.epoll()
        self.latencies: dict[int, list[float]] = {}
        self.errors: Counter[str] = Counter()
        self._pages: dict[int, socket.socket] = {}
        self._numbers: list[int] = []
        self._waiting: dict[int, deque[float]] = {}
        self._parts: dict[int, bytes] = {}
        for _ in range(pages):
            self._numbers.append(self._open())

    def _open(self) -> int:
        page = socket.create_connection(self._address, timeout=LATE_SECONDS)
        page.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        page.setblocking(False)
        number = page.fileno()
        self._pages[number], self._waiting[number], self._parts[number] = page, deque(), b""
        self.epoll.register(number, select.EPOLLIN)
        return number

    def send(self, page: int, request: bytes, due: float) -> None:
        number = self._numbers[page]
        try:
            self._pages[number].send(request)
            self._waiting[number].append(due)
        except OSError as error:
            self._lose(page, type(error).__name__)

    def receive(self, number: int) -> None:
        try:
            part = self._pages[number].recv(1 << 17)
        except BlockingIOError:
            return
        except OSError as error:
            return self._lose(self._numbers.index(number), type(error).__name__)
        if not part:
            return self._lose(self._numbers.index(number), "closed")
        part = self._parts[number] + part
        while part:
            end = part.find(b"\r\n\r\n") + 4
            status = int(part[9:12])
            if status != 204:
                start = part.lower().find(b"content-length:", 0, end)
                length = int(part[start + 15 : part.find(b"\r", start)]) if start > 0 else 0
                if end < 4 or len(part) < end + length:
                    break
                end += length
            elif end < 4:
                break
            part = part[end:]
            self.latencies.setdefault(status, []).append(time.monotonic() - self._waiting[number].popleft())
        self._parts[number] = part

    def _lose(self, page: int, why: str) -> None:
        """A connection that broke: its polls in flight are errors, and the page connects again."""
        number = self._numbers[page]
        self.errors[why] += max(1, len(self._waiting[number]))
        self.epoll.unregister(number)
        self._pages.pop(number).close()
        self._numbers[page] = self._open()

    @property
    def unanswered(self) -> int:
        return sum(map(len, self._waiting.values()))


def main(
    address: str, path: str, other: str, every: int, pages: int, seconds: float, interval: float
) -> dict[str, object]:
    parts = urlsplit(address)
    host, port = str(parts.hostname), int(parts.port or 80)
    usual, unusual = (
        f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n{HEADERS}\r\n".encode() for target in (path, other)
    )
    load = Load(host, port, pages)
    step, warm_up = interval / pages, WARM_UP_ROUNDS * pages
    began = time.monotonic() + 0.1
    polls = warm_up + int(seconds / step)
    processor = time.process_time()
    sent = 0
    while sent < polls or (load.unanswered and time.monotonic() < began + polls * step + LATE_SECONDS):
        now = time.monotonic()
        while sent < polls and (due := began + sent * step) <= now:
            if sent == warm_up:
                load.latencies.clear()
                load.errors.clear()
            load.send(sent % pages, unusual if every and sent % every == every - 1 else usual, due)
            sent += 1
        for number, _ in load.epoll.poll(max(0.0, began + sent * step - now) if sent < polls else 0.05):
            load.receive(number)
    if load.unanswered:
        load.errors["unanswered"] += load.unanswered
    wall = time.monotonic() - began
    return {
        "latencies": {status: sorted(values) for status, values in load.latencies.items()},
        "errors": dict(load.errors),
        "per_second": sum(map(len, load.latencies.values())) / (wall - WARM_UP_ROUNDS * interval),
        "processor_share": (time.process_time() - processor) / wall,
    }


if __name__ == "__main__":
    address, path, other, every, pages, seconds, interval = sys.argv[1:]
    found = main(address, path, other, int(every), int(pages), float(seconds), float(interval))
    sys.stdout.write(json.dumps(found) + "\n")
