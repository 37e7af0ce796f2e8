"""How long from the provider's last byte until the page can show the picture?

The last byte: when the provider had handed its answer to the socket, by the provider's clock. Ready: when another
process finds the generation succeeded, with its thumbnails, in the database. One picture at a time: unloaded.
"""

import io
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from bench.darkroom import Darkroom, darkroom
from bench.grain import Provider
from bench.tables import megabytes, milliseconds, note, percentile, show, verdict

MODEL = "gpt-image-2"
SIZES = {"1K": ("1024x1024", 0.150), "4K": ("3840x2160", 0.500)}


def main(quick: bool = False) -> None:
    counts = {"1K": 3, "4K": 2} if quick else {"1K": 20, "4K": 10}
    rows = []
    with darkroom() as room:
        room.simulator()
        worker = room.worker()
        for name in SIZES:
            for kind in ("png", "jpeg"):
                rows.append(_row(room, f"{name} {kind.upper()}", name, kind, counts[name], _simulated(room)))
        room.end(worker)
    with Provider() as provider, darkroom(SIMULATOR_URL=provider.address) as room:
        room.worker()
        for name in SIZES:
            rows.append(_row(room, f"{name} PNG with grain", name, "png", counts[name], provider.last_bytes))
    head = ("", "bytes", "p50", "p95", "aim (p95)", "", "bare p50", "bare p95")
    show("From the provider's last byte to the picture being ready for the page, unloaded", head, rows)
    note(
        "Ready: saved to disk with fsync, priced, decoded, three thumbnails and a placeholder made, committed."
    )
    note(
        "bare: httpx download and Pillow decode of the same bytes, nothing saved. Grain: as large as photographs."
    )


def _simulated(room: Darkroom) -> Any:
    return lambda: {call["request_id"]: call["done"] for call in room.calls(after=0)["calls"]}


def _row(room: Darkroom, title: str, name: str, kind: str, count: int, last_bytes: Any) -> list[object]:
    size, aim = SIZES[name]
    parameters = {"size": size, "quality": "low", "output_format": kind}
    asked = room.inside(
        "time_to_ready", count=count + 1, prompt="A lighthouse", model=MODEL, parameters=parameters
    )
    ended = last_bytes()
    ready = [one["ready"] - ended[one["request_id"]] for one in asked][
        1:
    ]  # the first one opens files and pools
    files = [room.data / "media" / one["file"] for one in asked][1:]
    bare = [_bare(file) for file in files]
    p95 = percentile(ready, 0.95)
    mean = sum(one["bytes"] for one in asked) / len(asked)
    return [
        title,
        megabytes(mean) if mean > 1e6 else f"{mean / 1e3:.0f} kB",
        milliseconds(percentile(ready, 0.5)),
        milliseconds(p95),
        f"< {aim * 1000:.0f} ms",
        verdict(p95 < aim),
        milliseconds(percentile(bare, 0.5)),
        milliseconds(percentile(bare, 0.95)),
    ]


def _bare(file: Path) -> float:
    """Seconds to download and decode the same bytes from a server in a thread."""
    content = file.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    try:
        with httpx.Client(trust_env=False) as client:
            began = time.perf_counter()
            received = client.get(f"http://127.0.0.1:{server.server_port}/").content
            with Image.open(io.BytesIO(received)) as picture:
                picture.load()
            return time.perf_counter() - began
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
