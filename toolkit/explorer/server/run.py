"""Start the server: find a port, say where it is, and stop cleanly."""

from __future__ import annotations

import contextlib
import errno
import secrets
import signal
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from toolkit.errors import ConfigError, NotAvailable
from toolkit.explorer.site.folders import page_folder
from toolkit.explorer.site.selection import bundled_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    import uvicorn
    from starlette.types import ASGIApp

    from toolkit.explorer.site.folders import PageFolder
    from toolkit.settings import Settings

_HOST = "127.0.0.1"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Connections that may wait to be accepted.
_BACKLOG = 128
#: What JavaScript's encodeURIComponent leaves as it is, besides letters, digits and ``-_.~``.
_AS_IT_IS = "!*'()"


def require_packages() -> None:
    """Raise if the packages of the server are not installed.

    Raises
    ------
    NotAvailable
        With the line that installs them.
    """
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise NotAvailable(
            "the explorer",
            "a local server",
            f"{' and '.join(missing)} must be installed: "
            'pip install "plrep-toolkit[explorer]" (--export FOLDER needs neither)',
        )


def page_address(port: int, group: str | None = None) -> str:
    """Return the address of the page, at a group if one is named.

    Examples
    --------
    >>> page_address(8000), page_address(8000, "C2 wr S3")
    ('http://127.0.0.1:8000/', 'http://127.0.0.1:8000/#group=C2%20wr%20S3')
    """
    place = "" if group is None else f"#group={quote(group, safe=_AS_IT_IS)}"
    return f"http://{_HOST}:{port}/{place}"


def serve(
    settings: Settings,
    *,
    port: int = 0,
    on_start: Callable[[int], None] | None = None,
    page: PageFolder | None = None,
    data: PageFolder | None = None,
) -> None:
    """Serve the page on this machine until SIGINT or SIGTERM comes.

    Parameters
    ----------
    settings
        The cache and the GAP that answer what the bundled data lack. If they are offline, GAP is
        never started and the cache is only read; otherwise new answers of GAP are checked and kept
        there, as by every other command. Nothing else is written.
    port
        The port on the loopback address; 0 takes a free one.
    on_start
        Called with the port as soon as requests are answered.
    page, data
        The folders to serve; by default those that come with the toolkit.

    Raises
    ------
    NotAvailable
        If starlette or uvicorn is not installed.
    ConfigError
        If the port cannot be used, or the installation lacks the page or its data.
    """
    require_packages()
    from toolkit.explorer.server.app import create_app
    from toolkit.explorer.server.jobs import Jobs, Limits
    from toolkit.explorer.server.worker import settings_to_json

    page, data = page or page_folder(), data or bundled_data()
    with listening(port) as listener:
        port = listener.getsockname()[1]
        limits = Limits(seconds={"long": settings.gap_timeout, "quick": 60.0})
        jobs = Jobs(settings_to_json(settings, read_only=settings.offline), limits)
        token = secrets.token_urlsafe(32)
        app = create_app(page, data, jobs, port=port, token=token)
        made = server(app, jobs.wake, lambda: on_start(port) if on_start else None)
        made.run([listener])
        failure: BaseException | None = getattr(made, "failure", None)
        if failure is not None:
            raise failure


def server(
    app: ASGIApp, on_stop: Callable[[], None], on_start: Callable[[], None]
) -> uvicorn.Server:
    """Return a uvicorn server of an application.

    Parameters
    ----------
    app
        The application.
    on_stop
        Called, in the event loop, when the server is told to stop: lets waiting requests return.
    on_start
        Called when requests are answered. What it raises stops the server, in order, and is its
        ``failure``.
    """
    import asyncio

    import uvicorn

    class OurServer(uvicorn.Server):
        """A server that says when it starts, and when it is told to stop."""

        failure: BaseException | None = None

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Handle signals, but for those that were ignored when the command began."""
            ignored = [n for n in _SIGNALS if signal.getsignal(n) is signal.SIG_IGN]
            with super().capture_signals():
                if threading.current_thread() is threading.main_thread():
                    for number in ignored:
                        signal.signal(number, signal.SIG_IGN)
                yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            try:
                on_start()
            except BaseException as error:  # noqa: BLE001 - raised when the server is closed
                self.failure = error
                # later: what is told to stop while it starts is not closed
                asyncio.get_running_loop().call_soon(setattr, self, "should_exit", True)

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if not self.should_exit:  # a second signal would have it end without closing
                super().handle_exit(sig, frame)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            waking = asyncio.create_task(_repeat(on_stop))
            try:
                await super().shutdown(sockets)
            finally:
                waking.cancel()

    return OurServer(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=16 << 10,
        )
    )


async def _repeat(call: Callable[[], None]) -> None:
    import asyncio

    while True:
        call()
        await asyncio.sleep(0.05)


@contextlib.contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Give a socket that listens on the loopback address.

    Parameters
    ----------
    port
        The port; 0 takes a free one.

    Raises
    ------
    ConfigError
        If the port cannot be used.
    """
    # named as TCP, for asyncio sends small packets at once on such sockets only: 40 ms a reply else
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            why = {
                errno.EADDRINUSE: "another program listens there",
                errno.EACCES: "it is reserved by the system",
            }.get(error.errno or 0, error.strerror or str(error))
            raise ConfigError(
                f"port {port} cannot be used ({why}): give another one with --port, or omit --port "
                "for a free one"
            ) from None
        listener.listen(_BACKLOG)
        yield listener
