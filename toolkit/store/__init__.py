"""The answer cache: GAP's answers in one SQLite file, checked whenever they are read."""

from toolkit.store.keys import Answer, AnswerKey, Provenance, canonical_json
from toolkit.store.layered import LayeredStore
from toolkit.store.store import Store, StoreInfo, VerifyReport, write_compact
from toolkit.store.transfer import ImportReport, RejectedLine

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
