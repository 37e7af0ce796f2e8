"""The baseline of the flight bench: threads of one process that stream the same answers to disk, and nothing else.

`python -m bench.bare_flight URL COUNT FOLDER BODY`. No database, no base64, no check of what comes. Prints JSON.
"""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

CLIENT = httpx.Client(
    limits=httpx.Limits(max_connections=None), timeout=httpx.Timeout(300, connect=30), trust_env=False
)


def main(url: str, count: int, folder: Path, body: bytes) -> dict[str, float]:
    """Bytes received, seconds in all, and this process's own memory while all wait and at its peak."""
    waiting = threading.Barrier(count + 1)
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        calls = [pool.submit(_call, url, folder / str(number), body, waiting) for number in range(count)]
        waiting.wait()
        sent_seconds = time.monotonic() - began
        time.sleep(1)
        steady = _memory("VmRSS")
        received = sum(call.result() for call in calls)
    seconds = time.monotonic() - began
    return {
        "bytes": received, "seconds": seconds, "sent_seconds": sent_seconds,
        "steady": steady, "peak": _memory("VmHWM"),
    }  # fmt: skip


def _call(url: str, file: Path, body: bytes, waiting: threading.Barrier) -> int:
    headers = {"Authorization": "Bearer simulator", "Content-Type": "application/json"}
    request = CLIENT.build_request("POST", url, content=body, headers=headers)

    def sent(event: str, _info: object) -> None:
        if event.endswith("send_request_body.complete"):
            waiting.wait()

    request.extensions["trace"] = sent
    response = CLIENT.send(request, stream=True)
    count = 0
    with file.open("wb") as target:
        for chunk in response.iter_raw():
            count += target.write(chunk)
    response.close()
    return count if response.is_success else 0


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    url, count, folder, body = sys.argv[1:]
    sys.stdout.write(json.dumps(main(url, int(count), Path(folder), body.encode())) + "\n")
