"""The answers to the page's questions, as JSON data; they run in a worker."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from toolkit.errors import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.catalog.catalog import Catalog
    from toolkit.library.session import Session

#: Rows of a table that are sent if the page names no limit.
_ROWS = 1000


def answer(question: Mapping[str, Any], session: Session) -> object:
    """Return the answer to a checked question.

    Parameters
    ----------
    question
        As :func:`toolkit.explorer.server.kinds.checked_question` returns it.
    session
        The store and the GAP that answer.

    Raises
    ------
    ToolkitError
        If there is no answer; its text is a sentence.
    """
    return _ANSWERS[question["kind"]](question, session)


def _record(question: Mapping[str, Any], session: Session) -> object:
    from toolkit.explorer.record import group_record
    from toolkit.library.naming import group

    return group_record(group(question["group"], session=session))


def _module(question: Mapping[str, Any], session: Session) -> object:
    from toolkit.explorer.record import module_record
    from toolkit.library.naming import group

    G = group(question["group"], session=session)
    return module_record(G, G.module(question["module"]))


def _activation(question: Mapping[str, Any], session: Session) -> object:
    from toolkit.pl.activations.activation import find_activation

    del session
    f = find_activation(question["formula"])
    parts = {
        name: {"terms": part.terms, "rest": part.rest, "degree": part.degree, "words": str(part)}
        for name, part in (("even", f.even_part), ("odd", f.odd_part))
    }
    return {"name": f.name, **parts, "parts_are": f.parts_are, "kinks": f.kinks}


def _find(question: Mapping[str, Any], session: Session) -> object:
    del session
    limit = question["limit"]
    try:
        rows = _catalog().find(
            question["condition"] or None,
            question["table"],
            question["columns"] or None,
            question["sort"] or None,
            _ROWS if limit is None else limit,
        )
    except CatalogError:
        _catalog.cache_clear()  # if its files are right again, the next question finds them
        raise
    return {
        "table": question["table"],
        "columns": list(rows.columns),
        "rows": rows.json_rows(),
    }


@lru_cache(maxsize=1)
def _catalog() -> Catalog:
    from toolkit.catalog.catalog import open as open_catalog

    return open_catalog()


_ANSWERS: dict[str, Callable[[Mapping[str, Any], Session], object]] = {
    "record": _record,
    "module": _module,
    "activation": _activation,
    "find": _find,
}
