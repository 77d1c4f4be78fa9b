"""The answer cache: GAP's answers in one SQLite file, checked whenever they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.lazy import lazy_face

if TYPE_CHECKING:
    from toolkit.store.keys import Answer, AnswerKey, Provenance, canonical_json
    from toolkit.store.layered import LayeredStore
    from toolkit.store.reports import ImportReport, RejectedLine, StoreInfo, VerifyReport
    from toolkit.store.store import Store, write_compact

__all__ = [
    "Answer",
    "AnswerKey",
    "ImportReport",
    "LayeredStore",
    "Provenance",
    "RejectedLine",
    "Store",
    "StoreInfo",
    "VerifyReport",
    "canonical_json",
    "write_compact",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "keys": "Answer AnswerKey Provenance canonical_json",
        "layered": "LayeredStore",
        "reports": "ImportReport RejectedLine StoreInfo VerifyReport",
        "store": "Store write_compact",
    },
)
