"""The part of a record that is drawn: pictures, lattices, matrices and vectors of maps."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from toolkit.errors import NotAvailable, NotCachedError
from toolkit.explorer.record import lattices, maps, pictures
from toolkit.explorer.record.coded import Values
from toolkit.library.change_of_group import group_of_module
from toolkit.library.point_bases import LARGEST_DEGREE
from toolkit.modules.permutation_module import PermutationModule
from toolkit.text import is_local, label_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.library.group import Group
    from toolkit.modules.module import Module


@dataclass
class Drawn:
    """Fields for the record of a group or of a module.

    Parameters
    ----------
    fields
        They go into the record.
    entries
        Of a module: per label of a simple, fields for its entry in ``contents``.
    missing
        Pairs of a subject and a sentence: what there is not, and why.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[list[str]] = field(default_factory=list)

    def attempt(self, name: str, subject: str, make: Callable[[], Any]) -> bool:
        """Set a field, or set it to ``None`` and say what is missing; return whether it is there.

        Parameters
        ----------
        name
            Of the field.
        subject
            What is missing, in words.
        make
            Returns the field; may raise NotAvailable.
        """
        try:
            self.fields[name] = make()
        except (NotAvailable, NotCachedError) as reason:
            self.fields[name] = None
            self.missing.append([subject, getattr(reason, "reason", str(reason))])
            return False
        return True


def group_fields(G: Group, modules: Sequence[Module]) -> Drawn:
    """Return the drawn fields of a group's record.

    Parameters
    ----------
    G
        The group.
    modules
        The modules in the record: the simples in them get matrices.

    Returns
    -------
    Drawn
        Fields ``lattice`` (:func:`~toolkit.explorer.record.lattices.normal_lattice`), ``words``,
        ``values`` and ``models`` (:mod:`toolkit.explorer.record.maps`).

    Examples
    --------
    >>> import toolkit as tk
    >>> G = tk.group("S3")
    >>> sorted(group_fields(G, [G.regular_module()]).fields)
    ['lattice', 'models', 'values', 'words']
    """
    drawn = Drawn()
    drawn.attempt("lattice", "picture of the normal subgroups", lambda: lattices.normal_lattice(G))
    left_out: list[list[int] | None] = []
    values = Values(maps.turns_of(G))
    models: dict[str, Any] = {}
    if any(map(maps.has_maps, modules)):
        left_out = maps.words(G)
    for X in modules:
        if isinstance(X, PermutationModule) and maps.has_maps(X) and not _is_local(X):
            with contextlib.suppress(NotAvailable, NotCachedError):  # said with the module
                maps.add_models(models, values, X, left_out)
    drawn.fields |= {
        "words": left_out,
        "values": values.listed,
        "models": {label: models[label] for label in sorted(models, key=label_key)},
    }
    return drawn


def _is_local(X: Module) -> bool:
    """Return whether the simples have labels within the module only, such as V0."""
    return any(map(is_local, X.multiplicities))


def module_fields(X: Module, *, alone: bool = False) -> Drawn:
    """Return the drawn fields of a module's record.

    Parameters
    ----------
    X
        The module.
    alone
        Whether it comes without the record of its group: then it has ``models`` of its own, as has
        a module whose simples are known only within it (V0, V1, ...).

    Returns
    -------
    Drawn
        Fields ``pictures`` (:func:`~toolkit.explorer.record.pictures.pictures`), ``closed`` (per
        kind of picture :func:`~toolkit.explorer.record.lattices.closed_lattice`), ``values``,
        ``images`` and ``vectors`` (:mod:`toolkit.explorer.record.maps`), and ``words``
        and ``models`` if they are its own; per label the entries ``hyperplanes``, ``regions`` and
        ``regions_are`` (:func:`~toolkit.explorer.record.maps.regions`).

    Examples
    --------
    >>> import toolkit as tk
    >>> drawn = module_fields(tk.group("S3").natural_module())
    >>> sorted(drawn.fields), drawn.missing
    (['closed', 'images', 'pictures', 'values', 'vectors'], [])
    """
    drawn = Drawn()
    name = X.name
    drawn.attempt("pictures", f"pictures of {name}", lambda: pictures.pictures(X))
    closed = Drawn()
    for kind in pictures.kinds_of(X):
        closed.attempt(
            kind, f"closed sets in {name}, {kind}", partial(lattices.closed_lattice, X, kind)
        )
    drawn.fields["closed"] = closed.fields
    drawn.missing += closed.missing
    drawn.fields |= {"values": [], "images": None, "vectors": None}
    if not isinstance(X, PermutationModule) or not maps.has_maps(X):
        drawn.missing.append([f"maps on {name}", _no_maps(X)])
        return drawn
    G = group_of_module(X)
    left_out = maps.words(G)
    values = Values(maps.turns_of(G))
    if drawn.attempt("vectors", f"maps on {name}", lambda: maps.vectors(X, values)):
        drawn.fields["images"] = maps.images(X, left_out)
        if alone or _is_local(X):
            models: dict[str, Any] = {}
            maps.add_models(models, values, X, left_out)
            drawn.fields |= {"words": left_out, "models": models}
        drawn.entries = maps.regions(X)
    drawn.fields["values"] = values.listed
    return drawn


def _no_maps(X: Module) -> str:
    if not X.is_transitive:
        return f"it has {X.orbit_count} orbits, and a map is made from one of them"
    if X.has_signs:
        return "it has signs; tk.pl_map makes its maps"
    more = f"tk.pl_map makes maps on up to {LARGEST_DEGREE:,}"
    return f"it has {X.degree:,} points, and up to {maps.MOST_POINTS} are kept; {more}"
