"""Whatever is uploaded, the web process stays small: files go to disk as they come, and are decoded elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests import files
from tests.launch.conftest import Darkroom

MOST_MEGABYTES = 300
TAKEN, REFUSED = 200, 422


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had since it began."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Peaks are read from /proc.")
def test_the_web_process_stays_under_its_limit_through_all_of_them(
    start_darkroom: Callable[..., Darkroom],
) -> None:
    darkroom = start_darkroom()
    brought = [
        (files.saved(files.noise(4000, 3000)), TAKEN), (files.saved(files.noise(6000, 4000), "JPEG"), TAKEN),
        (files.flat(8000, 8000, "RGBA"), TAKEN), (files.flat(8000, 8000, "CMYK", format="JPEG"), TAKEN),
        (files.flat(4000, 4000, "I;16"), TAKEN), (files.photo_with_place(4000, 3000), TAKEN),
        (files.polyglot(), TAKEN), (files.animated("GIF"), TAKEN), (files.animated("WEBP"), TAKEN),
        (bytes(70_000_000), REFUSED), (files.bomb(), REFUSED), (files.text_bomb(), REFUSED),
        (files.hundred_megapixels(), REFUSED), (files.SVG, REFUSED), (files.HEIC, REFUSED),
        (files.saved(files.noise(2000, 2000))[:5_000_000], REFUSED), (b"", REFUSED),
    ]  # fmt: skip
    with httpx.Client(base_url=darkroom.url, timeout=120, trust_env=False) as http:
        token = re.search(r'"X-CSRFToken": "([^"]+)"', http.get("/").text)[1]
        for content, status in brought:
            answer = http.post(
                "/studio/uploads/", files={"file": ("x.png", content)}, headers={"X-CSRFToken": token}
            )
            assert answer.status_code == status, answer.text
            assert status == TAKEN or "was not taken: " in answer.json()["error"]
        assert http.get("/").status_code == 200

    pages = {pid: line for pid, line in darkroom.children().items() if "granian" in line}
    peaks = {pid: peak_megabytes(pid) for pid in pages}
    assert pages and max(peaks.values()) < MOST_MEGABYTES, peaks
