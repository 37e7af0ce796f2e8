"""The simulator as a program: its one line, its wrong options, its end, and a crowd of calls."""

import asyncio
import signal
import subprocess
import sys
import threading
import time

import aiohttp
import httpx
import pytest

from tests.simulators import ROOT, simulator_process

BODY = {"model": "gpt-image-2-all", "prompt": "x [[sim: slow 0.7s, plain]]", "response_format": "b64_json"}
CROWD = 300


def post(running, body=BODY):
    return httpx.post(
        f"{running.base_url}/v1/images/generations", json=body, headers=running.headers, timeout=20
    )


def in_background(call):
    found = {}

    def run():
        try:
            found["answer"] = call()
        except httpx.HTTPError as error:
            found["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def wait_until(is_so, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_sigterm_lets_calls_finish_and_takes_no_more():
    with simulator_process("--speed", "1000") as running:
        thread, found = in_background(lambda: post(running))
        wait_until(lambda: has_been_read(running))
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(running))
        thread.join()
        assert found["answer"].status_code == 200
        assert running.process.wait(timeout=10) == 0


def has_been_read(running):
    """Whether the call is there as a whole: of one whose body is still on its way a stopping server reads no more."""
    return running.calls()["billed"] == 1


def refuses(running):
    try:
        httpx.get(running.base_url + "/_sim")
    except httpx.HTTPError:
        return True
    return False


@pytest.mark.parametrize("signals", [[signal.SIGTERM, signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_a_second_signal_stops_at_once(signals):
    with simulator_process("--grace-seconds", "60") as running:
        slow = {**BODY, "prompt": "x [[sim: slow 50s]]"}
        thread, found = in_background(lambda: post(running, slow))
        wait_until(lambda: has_been_read(running))
        running.process.send_signal(signals[0])
        wait_until(lambda: refuses(running))
        running.process.send_signal(signals[1])
        running.process.wait(timeout=20)
        thread.join()
        assert isinstance(found["error"], httpx.HTTPError)


def test_the_grace_is_bounded():
    with simulator_process("--grace-seconds", "0.3") as running:
        slow = {**BODY, "prompt": "x [[sim: slow 50s]]"}
        thread, _ = in_background(lambda: post(running, slow))
        wait_until(lambda: has_been_read(running))
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=20) == 0
        thread.join()


WRONG = [
    ["--speed", "0"],
    ["--speed", "-1"],
    ["--speed", "nan"],
    ["--port", "70000"],
    ["--quirk", "all-accept-size"],
    ["--fault", "bogus"],
    ["--link-hours", "0"],
    ["--grace-seconds", "-1"],
    ["--key", ""],
    ["--key", "sk-a:prepaid"],
    ["--key", "sk-a::much"],
]


@pytest.mark.parametrize("arguments", WRONG)
@pytest.mark.parametrize("program", [["-m", "playground.simulator"]])
def test_a_wrong_option_is_one_sentence_and_exit_2(program, arguments):
    ended = subprocess.run(
        [sys.executable, *program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not ended.stdout


def test_keys_are_given_with_type_and_balance():
    with simulator_process("--speed", "1000", "--key", "sk-second-2222:per-call:0.03") as running:
        running.key = "sk-second-2222"
        plain = {**BODY, "prompt": "x [[sim: plain]]"}
        assert [post(running, plain).status_code for _ in range(2)] == [200, 429]
        assert post(running, {"model": "gpt-image-2", "prompt": "x"}).status_code == 403


def test_the_management_command_says_the_same():
    command = [sys.executable, "manage.py", "simulator", "--quirk", "all-accept-size"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Did you mean all-accepts-size?" in ended.stderr
    assert "vip-ignores-size" in ended.stderr


def test_a_taken_port_is_one_sentence_and_exit_1(simulator):
    port = simulator.base_url.rpartition(":")[2]
    command = [sys.executable, "-m", "playground.simulator", "--port", port]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert port in ended.stderr


async def post_all(running, bodies):
    """Post them all at once; returns (status, body) of each. aiohttp, for httpx's pool is slow with hundreds."""
    async with aiohttp.ClientSession(running.base_url, connector=aiohttp.TCPConnector(limit=0)) as http:

        async def one(body):
            async with http.post("/v1/images/generations", json=body, headers=running.headers) as answer:
                return answer.status, await answer.read()

        return await asyncio.gather(*(one(body) for body in bodies))


def test_hundreds_of_calls_are_in_flight_at_once(simulator):
    """300 calls that each take a second end together in a few, every one with a picture of its own."""
    bodies = [{**BODY, "prompt": f"boat {number % 50} at sea [[sim: slow 1s]]"} for number in range(CROWD)]
    started = time.monotonic()
    answers = asyncio.run(post_all(simulator, bodies))
    seconds = time.monotonic() - started
    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) == CROWD
    assert simulator.calls()["billed"] == CROWD
    assert seconds < 30
