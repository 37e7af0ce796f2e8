"""A provider whose pictures are as heavy as photographs: the simulator's compress far better than real ones do.

It answers each call at once with the same picture (another number noted inside, so that no two files are equal) and
remembers when it had handed over the last byte.
"""

import base64
import io
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy
from PIL import Image


class Provider:
    """Listens while its `with` block lasts."""

    def __init__(self) -> None:
        self._done: dict[str, float] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._done))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def last_bytes(self) -> dict[str, float]:
        """By request id: when (seconds since 1970) the answer had been handed over."""
        return dict(self._done)

    def __enter__(self) -> "Provider":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(done: dict[str, float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request_id = f"grain-{len(done)}"
            body = _answer(_picture(asked["size"]), len(done))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-request-id", request_id)
            self.end_headers()
            self.wfile.write(body)
            done[request_id] = time.time()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _answer(picture: bytes, number: int) -> bytes:
    # Readers of PNG stop at the end chunk; what follows it makes the file another one.
    text = base64.b64encode(picture + number.to_bytes(8, "big")).decode()
    usage = {"input_tokens": 10, "output_tokens": 1000, "total_tokens": 1010}
    answer: dict[str, Any] = {"created": 1, "data": [{"b64_json": text}], "usage": usage}
    return json.dumps(answer).encode()


@cache
def _picture(size: str) -> bytes:
    """Soft shapes under the noise of a sensor: about two bytes for each pixel as PNG."""
    width, height = map(int, size.split("x"))
    chance = numpy.random.default_rng(7)
    rough = Image.fromarray(chance.integers(30, 225, (9, 16, 3), dtype=numpy.uint8))
    soft = numpy.asarray(rough.resize((width, height), Image.Resampling.BICUBIC), dtype=numpy.float32)
    noisy = numpy.clip(soft + chance.normal(0, 5, soft.shape), 0, 255).astype(numpy.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "PNG", compress_level=4)
    return file.getvalue()
