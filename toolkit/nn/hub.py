"""Modules as JSON, so that a network's file says on what it acts.

A group is written by its canonical name, which :func:`toolkit.group` reads (generators, matrices
and Cayley tables included), a module by its specification
(:mod:`toolkit.modules.specification`), with a digest of how the generators act.

Model hubs save a network's arguments beside its weights, as JSON, and build it again from both.
Hugging Face's mixin is told by ``coders`` how a module is written and read::

    coders = {tk.modules.Module: (tk.nn.module_to_json, tk.nn.module_from_json)}

    class Net(nn.Module, PyTorchModelHubMixin, coders=coders):
        def __init__(self, X: tk.modules.Module, channels: int = 16):
            super().__init__()
            self.layer = tk.nn.EquivariantLinear(X, X, channels, channels)

    Net(X).save_pretrained("net")
    Net.from_pretrained("net")

The mixin reads the type of the argument, ``tk.modules.Module``. In a file with ``from __future__
import annotations`` it finds a text there: such a network takes the JSON data as its argument,
``Net(module_to_json(X))``, and makes the module inside.

Large networks are made without memory and filled from their file. ``load_state_dict`` reads
recipes, and changes parametrisations where needed; accelerate's own loading does not know them
(``load_checkpoint_and_dispatch`` with a ``device_map`` refuses ``_extra_state``)::

    with accelerate.init_empty_weights():
        net = Net(X)
    net.load_state_dict(tk.nn.load(file), assign=True)
    net = accelerate.dispatch_model(net, device_map)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.errors import CheckpointMismatchError, NotAvailable, ToolkitError
from toolkit.library.naming import group
from toolkit.modules.module import require_module
from toolkit.nn.linear.recipe import fingerprint
from toolkit.text import shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.library.session import Session
    from toolkit.modules.module import Module

# a module from a file has at most the points that the file says, and this many
_MOST_POINTS = 1 << 20
_ALWAYS_POINTS = 64  # what takes no time is made whatever the file says


def module_to_json(X: Module) -> dict[str, Any]:
    """Return a module as JSON data, with its group; :func:`module_from_json` restores it.

    Parameters
    ----------
    X
        A module of any kind.

    Returns
    -------
    dict
        ``group`` (the canonical name), ``specification``, and ``name``, ``points`` and ``sha256``,
        which identify the module.

    Notes
    -----
    Images or matrices with many entries are left out of a specification; only their digest is kept.
    Such a module cannot be restored, and :func:`module_from_json` says so.

    Examples
    --------
    >>> import toolkit as tk
    >>> data = module_to_json(tk.group("S4").natural_module() ** 2)
    >>> data["group"], data["specification"]
    ('S4', {'module': 'power', 'of': {'module': 'natural'}, 'exponent': 2})
    >>> module_from_json(data)
    <(4 points)^2: module of S4 of degree 16>
    """
    require_module(X)
    return {"group": X.group, "specification": X.specification, **fingerprint(X)}


def module_from_json(data: Mapping[str, Any], session: Session | None = None) -> Module:
    """Return the module that JSON data describe, with its points in the same order.

    Parameters
    ----------
    data
        The result of :func:`module_to_json`.
    session
        The session that answers questions about the group; by default the default session.

    Returns
    -------
    Module
        The module, with its points in the same order.

    Raises
    ------
    CheckpointMismatchError
        If the data are damaged, or if the module that they specify does not act as they say.
    NotAvailable
        If the module cannot be restored: its specification was too long to be kept, or it would
        have more points than the data say.

    Examples
    --------
    >>> import toolkit as tk
    >>> module_from_json(module_to_json(tk.group("S4").natural_module()))
    <4 points: module of S4 of degree 4>
    """
    found = data if hasattr(data, "get") else {}
    sha256, points, name = (found.get(key) for key in ("sha256", "points", "name"))
    if not (
        isinstance(found.get("group"), str)
        and isinstance(sha256, str)
        and isinstance(name, str)
        and type(points) is int
    ):
        raise CheckpointMismatchError(
            "a module as JSON, with group, specification, name, points and sha256",
            shortened(repr(data)),
        )
    what = f"the module {shortened(repr(name))}"
    specification = found.get("specification")
    if specification is None or specification.get("module") == "left out":
        raise NotAvailable(
            found["group"],
            what,
            "its specification was too long to be stored with the weights: build the module and "
            "the layer in Python, then load the weights",
        )
    try:
        G = group(found["group"], session=session)
        most = min(max(points, _ALWAYS_POINTS), _MOST_POINTS)
        module = G.module(specification, most=most)
    except (ToolkitError, ValueError) as error:
        raise NotAvailable(
            found["group"], what, f"it cannot be rebuilt from its specification ({error})"
        ) from error
    own = fingerprint(module)
    if own["sha256"] != sha256:
        raise CheckpointMismatchError(
            f"{name} of {points} points ({sha256[:8]})",
            f"{module.name} of {module.degree} points ({own['sha256'][:8]})",
        )
    return module
