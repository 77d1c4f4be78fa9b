"""Whether a trained model is equivariant, where it breaks, and what a projection would change."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from toolkit.errors import ModuleMismatchError, NotAvailable
from toolkit.interpret.auditing.grids import Grids
from toolkit.interpret.auditing.measures import breach_between, module_of, ratio
from toolkit.interpret.auditing.operators import (
    count_of_generators,
    elements_on,
    from_points,
    moved,
    with_points,
)
from toolkit.interpret.auditing.own_code import own_code_notes
from toolkit.interpret.auditing.projection import projected_model
from toolkit.interpret.auditing.report import AuditReport, Breach, CallAudit, Effect
from toolkit.interpret.auditing.trace import trace
from toolkit.library.group import Group
from toolkit.library.symmetry.numbers_given import whole_number
from toolkit.modules.module import Module
from toolkit.nn.convolution.window import Window
from toolkit.text import group_required

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from toolkit.interpret.auditing.operators import Layout, Space
    from toolkit.interpret.auditing.trace import Spaces, TracedCall

#: Bound on the rounding errors in float64 of a network of usual depth.
TOLERANCE = 1e-9


def audit(
    model: nn.Module,
    G: Group,
    inputs: Module | Window,
    outputs: Space = None,
    *,
    data: torch.Tensor | None = None,
    targets: torch.Tensor | None = None,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
    spaces: Mapping[str, Space | tuple[Space, Space]] | None = None,
    flat: bool = False,
    channels: int = 1,
    samples: int = 64,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> AuditReport:
    r"""Report whether a model is equivariant, where it breaks, and what a projection would change.

    Parameters
    ----------
    model
        Any torch module that maps one tensor to one tensor. It is not changed: a copy runs in
        float64 and in evaluation mode.
    G
        The group.
    inputs
        X, the module of an input ``(batch, |X|, C)``. For images ``(batch, C, h, w)`` a window of
        pixels, such as ``tk.nn.square_window(G, 28)``; see Notes.
    outputs
        Y, the module of an output ``(batch, |Y|, C')``, or ``"invariant"``. By default it is X; for
        images it is the pixels of the output, whatever their number.
    data
        Inputs ``(N, |X|, C)`` on which errors are measured as well.
    targets, loss
        The targets for the data, and the function ``loss(output, targets)``; by default the mean
        squared error.
    spaces
        The intended action on hidden layers: for the name of a submodule the pair of modules of its
        input and output, or one module for both. The toolkit's layers know their modules, and
        activations keep them. Calls whose modules are unknown are not judged.
    flat
        Whether points and channels share one axis, ``(batch, |X| C)`` with points first, as in
        plain networks on vectors.
    channels
        The number C of channels for noise inputs; taken from the data if there are any.
    samples, seed
        Number and seed of Gaussian inputs.
    tolerance
        The largest relative error that counts as rounding.

    Returns
    -------
    AuditReport
        ``.is_equivariant``, ``.on_noise`` and ``.on_data`` with the worst generator and simple,
        ``.first_break`` and ``.calls``, ``.projections`` by layer, and the effect on output and
        loss of averaging over the group and of equivariant weights.

    Raises
    ------
    ModuleMismatchError
        If a module belongs to another group, or a tensor has the wrong shape.

    Notes
    -----
    Errors are measured on inputs, and small errors do not prove equivariance. Each call has two
    errors: its own, measured on its input moved by a generator, and that of the network up to this
    call. The average over the group is the equivariant function nearest to the model in mean
    square, for inputs whose distribution is invariant. Projected weights are nearest layer by layer
    in the Frobenius norm. This does not bound the change of the function: see the effect on the
    loss. The projected model is equivariant only if each activation is legal on its module.

    *Images.* The group moves the pixels: C4 by quarter turns, D8 by reflections as well. Every
    inner tensor ``(batch, C, h, w)`` is treated as an image whose pixels move and whose channels do
    not, as in plain convolutional networks. Where channels move, declare ``spaces={name: None}``;
    the input and output of that submodule are then not judged. Other tensors are ``(batch, |Y|
    C)``, points first. A convolution's nearest equivariant kernel is its mean over the orbits of
    cells. Strides that do not fit the size still break the symmetry.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> G = tk.group("C4")
    >>> X = G.regular_module()
    >>> good = tk.nn.EquivariantLinear(X, X, 1, 1)
    >>> audit(good, G, X).is_equivariant
    True
    >>> bad = torch.nn.Sequential(good, torch.nn.LayerNorm([4, 1]))
    >>> _ = torch.nn.init.normal_(bad[1].weight, generator=torch.Generator().manual_seed(0))
    >>> found = audit(bad, G, X, spaces={"1": X})
    >>> found.is_equivariant, found.first_break.name
    (False, '1')

    A plain convolution, whose kernel is not symmetric under the eight symmetries of the square:

    >>> D8 = tk.group("D8")
    >>> conv = torch.nn.Conv2d(1, 4, 3, padding=1)
    >>> found = audit(conv, D8, tk.nn.square_window(D8, 6), samples=8)
    >>> found.is_equivariant, found.projected.error < 1e-12
    (False, True)
    """
    if not isinstance(G, Group):
        raise ModuleMismatchError(group_required(G))
    grids = Grids(inputs) if isinstance(inputs, Window) else None
    layout: Layout = "images" if grids is not None else "flat" if flat else "points"
    if grids is not None and flat:
        raise ModuleMismatchError("a window of pixels is for images (batch, C, h, w): drop flat=")
    size = inputs.shape if isinstance(inputs, Window) else ()
    source: Module = inputs.module if isinstance(inputs, Window) else inputs
    target: Space = source if outputs is None and grids is None else outputs
    declared = _checked_spaces(G, source, target, spaces)
    run = _copy(model)
    place = next((p.device for p in [*run.parameters(), *run.buffers()]), torch.device("cpu"))
    given = _input(data, source, layout, size, place)
    width = channels if given is None else _channels(given, source, layout)
    noise = torch.Generator().manual_seed(whole_number(seed, "seed="))
    samples, width = whole_number(samples, "samples=", 1), whole_number(width, "channels=", 1)
    shape = {
        "points": (samples, source.degree, width),
        "flat": (samples, source.degree * width),
        "images": (samples, width, *size),
    }[layout]
    random = torch.randn(shape, generator=noise, dtype=torch.float64).to(place)
    if grids is not None:
        _require_images(run, random)
    if target is None and grids is not None:
        target = _grid_of_output(run, random, grids)
    notes: list[str] = []
    worn = _Audit(G, source, target, layout, grids)
    with torch.no_grad():
        on_noise = worn.breach(run, random)
        on_data = None if given is None else worn.breach(run, given)
        looked_at = random if given is None else given
        calls, own = worn.calls(run, looked_at, declared)
        measure = _loss(loss, targets, given)
        before = None if measure is None else measure(run(looked_at))
        averaged = worn.averaged(run, looked_at, measure, notes)
        changed, projections, left = projected_model(run, G, own, layout, grids)
        projected = None
        if projections:
            projected = worn.effect(run, changed, looked_at, measure)
    if any(not np.isfinite(b.error) for b in (on_noise, on_data) if b is not None):
        notes.append(
            "an output is not finite, or it is zero on inputs whose images have non-zero outputs"
        )
    if left:
        how = (
            "for images, kernels of convolutions are projected"
            if layout == "images"
            else "declare the input and output of a torch.nn.Linear in a flat network with spaces="
        )
        shown = [name or "the model" for name in left]
        notes.append(f"not projected: {', '.join(shown)}; {how}")
    if on_noise.error > tolerance or (on_data is not None and on_data.error > tolerance):
        notes.extend(own_code_notes(calls, tolerance))
    if layout == "images":
        notes.append("tensors (batch, C, h, w) are treated as images whose channels do not move")
    return AuditReport(
        G.title,
        tolerance,
        on_noise,
        on_data,
        calls,
        before,
        averaged,
        projections,
        projected,
        changed if projections else None,
        tuple(notes),
    )


class _Audit:
    """The measurements, for one group, input, output and layout."""

    def __init__(
        self, G: Group, source: Module, target: Space, layout: Layout, grids: Grids | None
    ) -> None:
        self.G, self.source, self.target = G, source, target
        self.layout, self.grids = layout, grids

    def breach(self, run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> Breach:
        y = run(x)
        if not isinstance(y, torch.Tensor):
            raise ModuleMismatchError(
                f"the model must return one tensor, found {type(y).__name__}: audit a wrapper that "
                "returns the output in question"
            )
        return self.breach_of(run, x, y, self.source, self.target, "the model's output")

    def breach_of(
        self,
        run: Callable[[torch.Tensor], torch.Tensor],
        x: torch.Tensor,
        y: torch.Tensor,
        source: Space,
        target: Space,
        what: str,
    ) -> Breach:
        """Compare run(g x) with g y for all generators."""
        differences = []
        for g in range(count_of_generators(self.source)):
            after = self.points(target, run(self.move(source, g, x)), what)
            differences.append(after - moved(module_of(target), g, self.points(target, y, what)))
        return breach_between(differences, y, module_of(target))

    def points(self, space: Space, x: torch.Tensor, what: str) -> torch.Tensor:
        module = module_of(space)
        return x if module is None else with_points(module, x, self.layout, what)

    def move(self, space: Space, g: int, x: torch.Tensor) -> torch.Tensor:
        module = module_of(space)
        if module is None:
            return x
        points = with_points(module, x, self.layout, "a tensor")
        return from_points(moved(module, g, points), x, self.layout)

    def calls(
        self, run: nn.Module, x: torch.Tensor, spaces: Spaces
    ) -> tuple[tuple[CallAudit, ...], list[TracedCall]]:
        """Audit the calls of submodules one by one."""

        def traced(x: torch.Tensor) -> list[TracedCall]:
            return trace(run, x, self.source, spaces, self.layout, self.grids)[1]

        calls = traced(x)
        count = count_of_generators(self.source)
        moved_calls = [traced(self.move(self.source, g, x)) for g in range(count)]
        same = all([c.name for c in other] == [c.name for c in calls] for other in moved_calls)
        out = []
        for i, call in enumerate(calls):
            own = up_to_here = None
            what = f"the output of {call.name or 'the model'}"
            if call.target is not None and same:
                differences = [
                    self.points(call.target, other[i].out, what)
                    - moved(module_of(call.target), g, self.points(call.target, call.out, what))
                    for g, other in enumerate(moved_calls)
                ]
                up_to_here = breach_between(differences, call.out, module_of(call.target))
            if call.source is not None and call.target is not None and call.into is not None:
                own = self.breach_of(
                    call.module, call.into, call.out, call.source, call.target, what
                )
            out.append(
                CallAudit(
                    call.name,
                    call.number,
                    type(call.module).__name__,
                    _name(call.source),
                    _name(call.target),
                    own,
                    up_to_here,
                )
            )
        return tuple(out), calls

    def averaged(
        self,
        run: nn.Module,
        x: torch.Tensor,
        measure: Callable[[torch.Tensor], float] | None,
        notes: list[str],
    ) -> Effect | None:
        """Return the effect of averaging over the group."""
        target = module_of(self.target)
        modules = (self.source,) if target is None else (self.source, target)
        try:
            operators = elements_on(self.G, modules)
        except NotAvailable as error:
            notes.append(str(error))
            return None

        def average(inputs: torch.Tensor) -> torch.Tensor:
            total: Any = 0.0
            points = self.points(self.source, inputs, "the input")
            for g in range(self.G.order):
                y = run(from_points(operators[0].apply(g, points), inputs, self.layout))
                if target is not None:
                    shaped = self.points(self.target, y, "the model's output")
                    y = from_points(operators[1].undo(g, shaped), y, self.layout)
                total = total + y
            mean: torch.Tensor = total / self.G.order
            return mean

        return self.effect(run, average, x, measure)

    def effect(
        self,
        run: Callable[[torch.Tensor], torch.Tensor],
        changed: Callable[[torch.Tensor], torch.Tensor],
        x: torch.Tensor,
        measure: Callable[[torch.Tensor], float] | None,
    ) -> Effect:
        before, after = run(x), changed(x)
        return Effect(
            ratio(after - before, before),
            self.breach(changed, x),
            None if measure is None else measure(after),
        )


def _name(space: Space) -> str | None:
    return space.name if isinstance(space, Module) else space


def _copy(model: nn.Module) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise ModuleMismatchError(
            f"a torch module is required, found {type(model).__name__}: wrap a function in one"
        )
    if any(p.is_meta for p in [*model.parameters(), *model.buffers()]):
        raise ModuleMismatchError(
            "the model has no weights, because it is on the device 'meta': load them first"
        )
    run = copy.deepcopy(model).eval().double()
    for module in run.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False  # type: ignore[assignment]
    return run


def _input(
    data: torch.Tensor | None,
    X: Module,
    layout: Layout,
    size: tuple[int, ...],
    place: torch.device,
) -> torch.Tensor | None:
    if data is None:
        return None
    box = ", ".join(map(str, size))
    expected = {"points": "(N, |X|, C)", "flat": "(N, |X| C)", "images": f"(N, C, {box})"}[layout]
    fits = isinstance(data, torch.Tensor) and data.dim() == expected.count(",") + 1 and len(data)
    if not fits or (size and tuple(data.shape[-2:]) != size):
        raise ModuleMismatchError(
            f"data= must be a tensor of shape {expected}, found "
            f"{tuple(data.shape) if isinstance(data, torch.Tensor) else type(data).__name__}"
        )
    if data.is_meta:
        raise ModuleMismatchError(
            "data= has no values, because it is on the device 'meta': load it"
        )
    found = data.detach()
    found = found if found.layout == torch.strided else found.to_dense()
    found = found.double().to(place)
    with_points(X, found, layout, "data=")
    if not bool(torch.isfinite(found).all()):
        raise ModuleMismatchError("data= must be finite, found an infinite value or a NaN")
    return found


def _require_images(run: nn.Module, x: torch.Tensor) -> None:
    try:
        with torch.no_grad():  # one sample alone may be taken for the axis of points
            run(torch.cat([x[:1], x[:1]]))
    except ModuleMismatchError as error:
        raise ModuleMismatchError(
            f"the model refuses images (batch, C, h, w): {error}; audit a wrapper that adds the "
            "axis of points and merges it with the channels, with a forward such as "
            "convolution(x.unsqueeze(1)).flatten(1, 2)"
        ) from error


def _grid_of_output(run: nn.Module, x: torch.Tensor, grids: Grids) -> Module:
    """Return the module of the pixels that come out of a model of images."""
    with torch.no_grad():
        y = run(x[:1])
    found = grids.module(tuple(y.shape[-2:])) if getattr(y, "ndim", 0) == 4 else None
    if found is None:
        raise ModuleMismatchError(
            'outputs= must be "invariant" or a module: the output of the model is not an image '
            f"(batch, C, h, w) whose box the group preserves, found "
            f"{tuple(y.shape) if isinstance(y, torch.Tensor) else type(y).__name__}"
        )
    return found


def _channels(data: torch.Tensor, X: Module, layout: Layout) -> int:
    if layout == "images":
        return data.shape[1]
    return data.shape[-1] // (X.degree if layout == "flat" else 1)


def _loss(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None,
    targets: torch.Tensor | None,
    data: torch.Tensor | None,
) -> Callable[[torch.Tensor], float] | None:
    if targets is None:
        if loss is not None:
            raise ModuleMismatchError("loss= needs targets=, one for each sample of data=")
        return None
    if data is None or len(targets) != len(data):
        found = "no data" if data is None else f"{len(targets)} targets for {len(data)} samples"
        raise ModuleMismatchError(f"targets= must be one for each sample of data=, found {found}")
    known = targets.detach().to(data.device)
    if known.is_floating_point():
        known = known.double()
    function = torch.nn.functional.mse_loss if loss is None else loss
    return lambda y: float(function(y, known))


def _checked_spaces(
    G: Group,
    inputs: Module,
    outputs: Space,
    spaces: Mapping[str, Space | tuple[Space, Space]] | None,
) -> Spaces:
    out: dict[str, tuple[Space, Space]] = {}
    for name, own in (spaces or {}).items():
        pair = own if isinstance(own, tuple) else (own, own)
        if len(pair) != 2:
            raise ModuleMismatchError(
                f"spaces= must give each submodule one space or a pair, found {len(pair)} for "
                f"{name!r}"
            )
        out[name] = pair
    named: list[tuple[str, Space]] = [("inputs", inputs), ("outputs", outputs)]
    named += [(f"spaces[{name!r}]", space) for name, pair in out.items() for space in pair]
    for what, space in named:
        if isinstance(space, Module) and space.home == G:
            continue
        if space == "invariant" and what != "inputs":
            continue
        if space is None and what != "inputs":
            continue
        found = repr(space)[:60]
        if isinstance(space, Module):
            found = f"{space.name} of {space.group_title}"
        other = "" if what == "inputs" else ', or "invariant"'
        raise ModuleMismatchError(f"{what} must be a module of {G.title}{other}, found {found}")
    return out
