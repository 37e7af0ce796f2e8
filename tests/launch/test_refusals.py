"""A wrong value stops the start with one sentence that names it, and exit code 2."""

from pathlib import Path

import pytest

from tests.launch.conftest import environment, free_port, manage

WRONG = {
    "a port that is no number": ({"PORT": "abc"}, "PORT must be a whole number from 1 to 65535, not 'abc'."),
    "a negative speed": (
        {"SIMULATOR_SPEED": "-1"},
        "SIMULATOR_SPEED must be a number from 0.01 to 100000, not '-1'.",
    ),
    "an unknown time zone": (
        {"TIME_ZONE": "Mars"},
        "TIME_ZONE must be a time zone such as Europe/Berlin, not 'Mars'.",
    ),
    "another host": (
        {"HOST": "host.invalid"},
        "HOST must be an address of this machine, not 'host.invalid'.",
    ),
    "a database that is no address": (
        {"DATABASE_URL": "postgress://me:hidden@db/x"},
        "DATABASE_URL must be an address",
    ),
    "a database that is not there": (
        {"DATABASE_URL": "postgres://me:hidden@127.0.0.1:1/x"},
        "DATABASE_URL must name",
    ),
    "a queue that is not there": (
        {"REDIS_URL": "redis://:hidden@127.0.0.1:1/0"},
        "REDIS_URL must name a Redis that",
    ),
    "no such models": (
        {"PLAYGROUND_MODELS": "/nowhere.toml"},
        "PLAYGROUND_MODELS must name a TOML file of models",
    ),
    "no such storage": ({"MEDIA_STORAGE": "no.Storage"}, "MEDIA_STORAGE and MEDIA_STORAGE_OPTIONS must name"),
    "a public address without names": ({"HOST": "0.0.0.0"}, "HOST=0.0.0.0 needs ALLOWED_HOSTS"),
    "a public name without an account": (
        {"ALLOWED_HOSTS": "pictures.example"},
        "make an account with 'make user NAME=",
    ),
}


@pytest.mark.parametrize(("values", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_value_stops_the_start_with_one_sentence(
    tmp_path: Path, values: dict[str, str], sentence: str
) -> None:
    env = environment(tmp_path / "data", **({"PORT": free_port()} | values))

    ended = manage("up", env=env)

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
    assert "hidden" not in ended.stderr


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    ended = manage("up", env=environment(tmp_path / "data"))

    assert ended.returncode == 2
    assert (
        ended.stderr
        == f"PLAYGROUND_DATA must be a folder that can be written to, not '{tmp_path / 'data'}'.\n"
    )
