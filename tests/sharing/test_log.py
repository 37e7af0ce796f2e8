"""What a running installation writes down: never the address of a link."""

import re

import httpx

from tests.launch.conftest import start_darkroom, until

__all__ = ["start_darkroom"]


def test_the_log_of_a_running_installation_holds_no_token(start_darkroom):
    darkroom = start_darkroom()
    until("a worker", darkroom.is_healthy)
    with httpx.Client(base_url=darkroom.url, timeout=30, trust_env=False) as http:
        for path in (
            "/s/SECRETTOKEN/",
            "/s/SECRETTOKEN/1/w320.webp",
            "/s/SECRETTOKEN/a/b?c=d",
            "/s/SECRETTOKEN",
        ):
            assert http.get(path).status_code in (302, 404)
        assert http.post("/s/SECRETTOKEN/", data={"password": "x"}).status_code == 404
        assert http.post("/s/SECRETTOKEN").status_code == 403  # no token of a form
        assert http.request("BREW", "/s/SECRETTOKEN/").status_code in (400, 404, 405)
        assert http.get("/nowhere/to/be/found/").status_code == 404
    darkroom.says("Not Found: /nowhere/to/be/found/")
    assert "SECRETTOKEN" not in darkroom.printed
    assert re.search(r"Not Found: /s/…/", darkroom.printed)
