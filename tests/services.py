"""The PostgreSQL and the Redis that tests may use, where they are.

    python -m tests.services postgres      prints the address for TEST_DATABASE_URL; 3 where there is none

Another server is named by TEST_POSTGRES_URL or TEST_REDIS_URL. What other programs keep there is left alone: tests
make a database of their own, and stay out of Redis' first one. With REQUIRE_SERVICES=1 a missing server is a failure,
otherwise its tests are skipped and say why.
"""

from __future__ import annotations

import os
import sys

import psycopg
import pytest
import redis

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
# One of its sixteen databases: two runs of the tests at the same time would take each other's wake-ups.
REDIS_URL = os.environ.get("TEST_REDIS_URL") or f"redis://127.0.0.1:6379/{1 + os.getpid() % 15}"
REQUIRED = os.environ.get("REQUIRE_SERVICES", "") not in ("", "0")


def why_no_postgres() -> str:
    """Empty when it answers."""
    try:
        psycopg.connect(POSTGRES_URL.replace("postgres://", "postgresql://", 1), connect_timeout=3).close()
    except psycopg.Error as error:
        return f"No PostgreSQL at {POSTGRES_URL}: {str(error).strip()}"
    return ""


def why_no_redis() -> str:
    """Empty when it answers."""
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3) as client:
            client.ping()
    except redis.RedisError as error:
        return f"No Redis at {REDIS_URL}: {error}"
    return ""


def need(why_not: str) -> None:
    """Skip the test when the reason says that its server is missing; fail it where servers are required."""
    if why_not and REQUIRED:
        pytest.fail(why_not)
    if why_not:
        pytest.skip(why_not)


def main(name: str) -> int:
    why_not = why_no_postgres() if name == "postgres" else why_no_redis()
    if not why_not:
        print(POSTGRES_URL if name == "postgres" else REDIS_URL)  # noqa: T201
        return 0
    print(why_not, file=sys.stderr)  # noqa: T201
    return 1 if REQUIRED else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
