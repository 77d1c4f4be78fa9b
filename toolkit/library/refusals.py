"""What is kept of groups that GAP refused to make, so that it is not tried for every question."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no finite group to ask about.

    Parameters
    ----------
    reason
        The sentence that GAP gave.
    """

    reason: str

    @property
    def is_proof(self) -> bool:
        """Whether the group is proved infinite, so that no limit matters.

        Examples
        --------
        >>> Refusal("not decided within 10 cosets whether the group is finite").is_proof
        False
        """
        return self.reason.startswith("the group is infinite")


def refusal_keys(limits: dict[str, int]) -> tuple[dict[str, int] | None, dict[str, int]]:
    """Return the keys that a refusal may have: of a proof, and of an attempt within limits.

    Parameters
    ----------
    limits
        Those that GAP is told, by name. With another one GAP is asked again.

    Examples
    --------
    >>> refusal_keys({"cosets": 1000, "vectors": 5})
    (None, {'cosets': 1000})
    """
    return None, {"cosets": limits["cosets"]}
