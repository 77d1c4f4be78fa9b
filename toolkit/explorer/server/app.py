"""The application: its routes, and what each answers."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from toolkit.errors import ConfigError
from toolkit.explorer.server.files import Files
from toolkit.explorer.server.guard import Guard
from toolkit.explorer.server.jobs import BusyError, Jobs
from toolkit.explorer.server.kinds import checked_question
from toolkit.explorer.server.replies import json_bytes, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from toolkit.explorer.site.folders import PageFolder

#: Bytes of a question.
_LONGEST_BODY = 64 << 10
#: Seconds for which a request may wait for a change of its question.
_LONGEST_WAIT = 20.0


def create_app(
    page: PageFolder, data: PageFolder | None, jobs: Jobs, *, port: int, token: str
) -> ASGIApp:
    """Return the application.

    Parameters
    ----------
    page, data
        What is served; ``data`` below ``data/``, or ``None``.
    jobs
        What answers questions; it is started and stopped with the application.
    port
        The port that requests must name.
    token
        What requests below ``/api/`` must carry in the header ``X-Plrep-Token``.
    """
    questions = _Questions(jobs)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with jobs:
            yield

    app = Starlette(
        routes=[
            Route("/api/jobs", questions.submit, methods=["POST"]),
            Route("/api/jobs/{id}", questions.report, methods=["GET"]),
            Route("/api/jobs/{id}", questions.cancel, methods=["DELETE"]),
            Route("/{name:path}", Files(page, data, token).reply, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
        lifespan=lifespan,
    )
    return Guard(app, port=port, token=token)


class _Questions:
    """The routes of the questions."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    async def submit(self, request: Request) -> Response:
        """Queue a question: 202 with its id, or a sentence that says what is wrong with it."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return sentence(415, "a question must be sent as application/json")
        body = await _body(request)
        if body is None:
            return sentence(413, f"a question must have at most {_LONGEST_BODY} bytes")
        try:
            job = self._jobs.submit(checked_question(json.loads(body)))
        except ConfigError as error:
            return sentence(400, str(error))
        except (ValueError, RecursionError):
            return sentence(400, "a question must be a JSON object with the field 'kind'")
        except BusyError as error:
            return sentence(503, str(error), {"retry-after": "5"})
        return json_bytes(job.to_json(), 202)

    async def report(self, request: Request) -> Response:
        """Tell how far a question is; with ``wait`` and ``seen`` only after a change."""
        job = self._jobs.find(request.path_params["id"])
        if job is None:
            return _unknown()
        wait = _number(request.query_params.get("wait"), 0.0)
        seen = _number(request.query_params.get("seen"), job.revision)
        if wait is None or seen is None:
            return sentence(400, "'wait' and 'seen' must be non-negative numbers")
        await job.wait(int(seen), min(wait, _LONGEST_WAIT))
        return json_bytes(job.to_json())

    async def cancel(self, request: Request) -> Response:
        """Cancel a question; one that has ended stays as it is."""
        job = self._jobs.find(request.path_params["id"])
        if job is None:
            return _unknown()
        self._jobs.cancel(job)
        return json_bytes(job.to_json())


def _unknown() -> Response:
    return sentence(404, "there is no question with this number, or it has expired: ask again")


async def _body(request: Request) -> bytes | None:
    """Return the body, ``None`` if it is too long; no more than the limit is ever held."""
    body = bytearray()
    with contextlib.suppress(ClientDisconnect):
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BODY:
                return None
    return bytes(body)


def _number(text: str | None, default: float) -> float | None:
    if text is None:
        return default
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "there is no such address here", 405: "this address does not support this method"}
    text = words.get(error.status_code, "this request cannot be answered")
    return sentence(error.status_code, text, error.headers)


async def _fail(request: Request, error: Exception) -> Response:
    return sentence(500, "internal error: see the terminal for details (please report it)")
