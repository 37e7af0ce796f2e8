"""Starting and stopping: `run` for a process of its own, `start` for a program that has an event loop already.

The first SIGTERM (or Ctrl-C) stops taking connections and lets the calls in flight finish, for at most
`grace_seconds`; the second stops at once.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from aiohttp import web

from playground.simulator.options import Options
from playground.simulator.server import make_app

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class AddressError(OSError):
    """The address cannot be listened on, in one sentence for a person."""


async def start(options: Options) -> tuple[web.AppRunner, str]:
    """Listen; returns the runner (its `cleanup` stops gracefully) and the base URL. Raises AddressError."""
    runner = web.AppRunner(
        make_app(options), access_log=None, shutdown_timeout=options.grace_seconds, handle_signals=False
    )
    await runner.setup()
    site = web.TCPSite(runner, options.host, options.port, backlog=2048)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        reason = error.strerror or str(error)
        raise AddressError(
            f"The simulator cannot listen on {options.host}:{options.port}: {reason}."
        ) from error
    host, port = runner.addresses[0][:2]
    return runner, f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(options: Options, announce: Callable[[str], None] | None = None) -> None:
    """Serve until a signal. Says `simulator listening on URL` when it does. Raises AddressError."""
    asyncio.run(_serve(options, announce or _print))


async def _serve(options: Options, announce: Callable[[str], None]) -> None:
    runner, url = await start(options)
    signals: asyncio.Queue[int] = asyncio.Queue()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, signals.put_nowait, number)
    announce(f"simulator listening on {url}")
    await signals.get()
    finishing, again = asyncio.ensure_future(runner.cleanup()), asyncio.ensure_future(signals.get())
    await asyncio.wait((finishing, again), return_when=asyncio.FIRST_COMPLETED)
    for task in (finishing, again):
        task.cancel()
    await asyncio.gather(finishing, again, return_exceptions=True)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
