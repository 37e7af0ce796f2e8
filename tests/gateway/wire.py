"""What the gateway's tests are made of: small pictures, answers in pieces, and a raw server that misbehaves."""

import base64
import io
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
from PIL import Image

from playground.catalog import Endpoint, default
from playground.gateway import Attachment, Connection, Gateway, ImageRequest, Message

KEY = "sk-test-0123456789abcdef"
BASE = "http://provider.test"


def picture(format: str = "PNG", size: tuple[int, int] = (3, 2), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, 60).save(file, format)
    return file.getvalue()


def noise(size: tuple[int, int] = (60, 40), mode: str = "RGBA") -> bytes:
    """A PNG that does not shrink to nothing, as a drawing would not."""
    channels = len(mode)
    data = random.Random(7).randbytes(size[0] * size[1] * channels)
    file = io.BytesIO()
    Image.frombytes(mode, size, data).save(file, "PNG")
    return file.getvalue()


PNG = picture()  # so small that it stays in the skeleton
BIG = noise()  # big enough to be spilled into a file on the way


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def connection(*base_urls: str, key: str = KEY, trusted: str | None = None) -> Connection:
    hosts = frozenset([trusted]) if trusted else frozenset()
    return Connection("Test", base_urls or (BASE,), key, hosts, False, Decimal(1))


def request(
    model: str = "gpt-image-2-all",
    prompt: str = "a tea tin",
    timeout_seconds: float | None = None,
    **parameters: str | int,
) -> ImageRequest:
    return ImageRequest(default().get(model), Endpoint.GENERATIONS, prompt, parameters, timeout_seconds)


def attached(
    folder: Path, data: bytes, name: str = "holiday.bin", media_type: str = "image/png"
) -> Attachment:
    """A picture file as a person may have called it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return Attachment(path, media_type)


def edit(
    *references: Attachment,
    model: str = "gpt-image-2",
    prompt: str = "put the tin of image 1 on the table of image 2",
    mask: Attachment | None = None,
    timeout_seconds: float | None = None,
    **parameters: str | int,
) -> ImageRequest:
    asked = request(model, prompt, timeout_seconds, **parameters)
    return replace(asked, endpoint=Endpoint.EDITS, references=references, mask=mask)


def talk(
    prompt: str = "now rainy",
    *messages: Message,
    references: tuple[Attachment, ...] = (),
    model: str = "gpt-image-2-all",
    timeout_seconds: float | None = None,
    **parameters: str | int,
) -> ImageRequest:
    asked = request(model, prompt, timeout_seconds, **parameters)
    return replace(asked, endpoint=Endpoint.CHAT, references=references, messages=messages)


def body_sent(asked: httpx.Request) -> bytes:
    """What would have gone over the wire, checked against the length that was promised."""
    body = asked.read()
    assert asked.headers["Content-Length"] == str(len(body))
    assert "Transfer-Encoding" not in asked.headers
    return body


def reply(body: object = None, status: int = 200, pieces: int = 3, **headers: str) -> httpx.Response:
    """An answer in pieces, as a network brings it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    step = max(1, len(data) // pieces)
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, content=iter(chunks))


def gateway(
    answer: Callable[[httpx.Request], httpx.Response],
    link: Callable[[httpx.Request], httpx.Response] | None = None,
    resolve: dict[str, list[str]] | None = None,
    sleeps: list[float] | None = None,
) -> Gateway:
    """A gateway whose provider is a function, and whose links are another."""

    def nothing_there(asked: httpx.Request) -> httpx.Response:
        raise AssertionError(f"nobody should have asked for {asked.url}")

    def resolver(host: str, port: int) -> list[str]:
        return (resolve or {}).get(host, ["93.184.215.14"])

    return Gateway(
        transport=httpx.MockTransport(answer),
        link_transport=httpx.MockTransport(link or nothing_there),
        resolver=resolver,
        sleep=(sleeps if sleeps is not None else []).append,
    )


def send(
    answer: Callable[[httpx.Request], httpx.Response] | httpx.Response,
    into: Path,
    *args: object,
    **options: object,
):
    """One call to a provider that gives this answer."""
    request_made = args[0] if args else request()
    function = answer if callable(answer) else lambda _: answer
    ours = gateway(function, **options)
    try:
        return ours.send(connection(), request_made, base_url=BASE, into=into)
    finally:
        ours.close()


class RawServer:
    """Accepts connections on a free port and hands each, with the request read, to a function."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer:
                try:
                    self.requests.append(_read_request(peer))
                    self._behave(peer)
                except OSError:
                    continue  # the client went away, which some tests are about

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@contextmanager
def raw_server(behave: Callable[[socket.socket], None]) -> Iterator[RawServer]:
    server = RawServer(behave)
    try:
        yield server
    finally:
        server.close()


def _read_request(peer: socket.socket) -> bytes:
    peer.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(peer)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += _received(peer)
    return head + b"\r\n\r\n" + body


def _received(peer: socket.socket) -> bytes:
    data = peer.recv(65536)
    if not data:
        raise ConnectionAbortedError("the client left before its request was complete")
    return data


def hold(peer: socket.socket) -> None:
    """Say nothing until the client has had enough."""
    peer.settimeout(5)
    peer.recv(1)
