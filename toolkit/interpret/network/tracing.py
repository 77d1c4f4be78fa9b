"""Recording the graph of a network in a run on an example.

The calls are watched (:mod:`toolkit.interpret.network.watching`). Unlike symbolic tracing
(``torch.fx``) this goes through every module that can be run: a ``forward`` may branch on shapes,
as those of the toolkit's own containers do. A ``forward`` that branches on *values* is noticed
(a number leaves a tensor: ``bool(x.sum() > 0)``, ``x.item()``), and from there on all is unknown,
as another input may take another way.

Tensors are told apart as objects. A tensor that is changed in place is a new one from then on;
its views are lost, as their values have changed behind them.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_map

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import (
    Call,
    CallGraph,
    CallKind,
    Ref,
    Tensor,
    numbers_in,
)
from toolkit.interpret.network.given import Given, given_of
from toolkit.interpret.network.state import state_kept
from toolkit.interpret.network.watching import (
    Begun,
    CallWatch,
    is_layer,
    leaves,
    numbered,
    uncompiled,
    unwatched,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: Given the number of a tensor, the name under which its shape, one of its sizes or their product
#: is read, what that is, and the arguments, gives what the network is to see in the place of it.
Sizes: TypeAlias = "Callable[[int, str, Any, tuple[Any, ...]], Any]"

# what tells sizes
_SIZES = frozenset({"shape", "size", "numel", "nelement", "nbytes", "__len__"})

# what is made like a tensor, but not of its values
_MADE_LIKE = frozenset({"zeros_like", "ones_like", "full_like", "new_zeros", "new_ones",
                        "new_full", "new_tensor"})  # fmt: skip

# what differs from run to run
_RANDOM = frozenset({
    "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal",
    "normal_", "uniform_", "bernoulli", "bernoulli_", "multinomial", "poisson", "exponential_",
    "cauchy_", "geometric_", "log_normal_", "random_", "empty", "empty_like", "new_empty",
    "empty_strided", "new_empty_strided", "rrelu", "gumbel_softmax",
})  # fmt: skip

# what gives tensors other memory, or hands on their own
_UNSEEN = frozenset({"data", "resize_", "resize_as_", "swap_tensors"})

_NUMBER_LEFT = "a number is read from a tensor, and may change the calls"


class _Recorder(CallWatch):
    """Notes the calls of a run; see :func:`traced`."""

    def __init__(self, model: nn.Module, wholes: Iterable[nn.Module], sizes: Sizes | None) -> None:
        super().__init__(model, wholes)
        self._sizes = sizes
        self.calls: list[Call] = []
        self.lost = ""  # why all that is made from here on is unknown
        self._tensors: list[Tensor] = []
        self._number: dict[int, int] = {}  # by id of an object that is kept
        self._contents: dict[int, tuple[int, int | None]] = {}  # likewise
        self._sharing: dict[int, list[torch.Tensor]] = {}  # by memory
        self._changed: set[int] = set()  # memories that were written to
        self._kept: list[object] = []
        self._names: Counter[str] = Counter()
        self._refs: dict[Begun, tuple[Any, Any]] = {}
        self._owned: dict[int, tuple[torch.Tensor, bool]] = {}
        for p in model.parameters():
            self._owned[id(p)] = (p, True)
        for module in model.modules():
            for t in [*module.buffers(recurse=False), *vars(module).values()]:
                if isinstance(t, torch.Tensor):
                    self._owned.setdefault(id(t), (t, False))

    # tensors ----------------------------------------------------------------------------------

    def add_input(self, name: str, t: torch.Tensor) -> None:
        """Note an input of the network."""
        self._note("input", name, "input", None, (), {}, t, [], "")

    def number_of(self, t: torch.Tensor) -> int:
        """Return the number of a tensor, which may be one that was not seen before."""
        known = self._number.get(id(t))
        if known is not None and self._contents[id(t)] == contents_of(t):
            return known
        memory = _memory(t)
        owned = self._owned.get(id(t))
        if known is not None:
            reason = (
                "its numbers or its memory were changed by something that torch does not report"
            )
            self._note("lost", "tensor", "tensor", None, (), {}, t, [], reason)
        elif owned is not None and memory not in self._changed:
            self._note("constant", "constant", "constant", None, (), {}, t, [], "", owned)
        else:
            reason = (
                "a tensor of its memory was changed in place"
                if memory in self._changed
                else "it is neither a parameter or buffer nor the result of a call that torch "
                "reports"
            )
            self._note("lost", "tensor", "tensor", None, (), {}, t, [], reason)
        return self._number[id(t)]

    def ref(self, leaf: Any) -> Any:  # noqa: ANN401 - any leaf of the arguments
        """Return the reference that stands for a tensor; other leaves as they are."""
        return Ref(self.number_of(leaf)) if isinstance(leaf, torch.Tensor) else leaf

    # calls ------------------------------------------------------------------------------------

    def begun(self, call: Begun) -> None:
        """Give numbers to the tensors that a call takes."""
        self._refs[call] = tree_map(self.ref, (call.args, dict(call.kwargs)))

    def harmless(self, name: str, args: tuple[Any, ...], made: Any) -> Any:  # noqa: ANN401
        """Give a number to a tensor that is no function of values, and show sizes."""
        if isinstance(made, torch.Tensor) and id(made) not in self._number:
            self.number_of(made)
        if self._sizes is not None and name in _SIZES:
            return self._sizes(self.number_of(args[0]), name, made, args)
        return made

    def left(self, call: Begun) -> None:
        """Note that a number has left a tensor, if it depends on the inputs."""
        depends = any(self._tensors[n].value is None for n in numbers_in(self._refs.pop(call)))
        if depends and not self.lost:
            self.lost = f"{_NUMBER_LEFT} ({call.operation})"

    def ended(self, call: Begun, made: object) -> None:
        """Note a call, and the tensors that it made."""
        args, kwargs = self._refs.pop(call)
        reason = ""
        if call.has_hooks:
            reason = "it has hooks, which may change its inputs or outputs"
        elif call.kind == "function" and call.operation in _RANDOM:
            reason = "its values are random or uninitialised"
        elif call.kind == "function" and call.operation in _UNSEEN:
            reason = f"{call.operation} changes tensors without being noticed"
            self._changed.update(_memory(t) for t in call.given)
            for t in call.given:
                self._lose_views(t, except_for=None)
        self._note(call.kind, call.name, call.operation, call.target, args, kwargs, made,
                   call.written, reason)  # fmt: skip

    def _note(
        self,
        kind: CallKind,
        name: str,
        operation: str,
        target: Any,  # noqa: ANN401 - a layer, a function or nothing
        args: Any,  # noqa: ANN401 - arguments
        kwargs: Any,  # noqa: ANN401
        made: object,
        written: list[torch.Tensor],
        reason: str,
        owned: tuple[torch.Tensor, bool] | None = None,
    ) -> None:
        taken = [self._tensors[n] for n in numbers_in((args, kwargs))]
        outputs = leaves(made)
        writes = tuple(self._number[id(t)] for t in written if id(t) in self._number)
        changed = [t for t in written if all(t is not other for other in outputs)]
        for t in written:
            self._changed.add(_memory(t))
            self._lose_views(t, except_for=t)
        is_lost = bool(reason or self.lost) or kind == "lost"
        is_constant = kind == "constant" or (
            kind in ("function", "layer")
            and not is_lost
            and (all(t.value is not None for t in taken) or operation in _MADE_LIKE)
        )
        is_trained = owned[1] if owned else is_constant and any(t.is_trained for t in taken)
        if is_constant:
            kind = "constant"
        tensors = []
        for t in [*outputs, *changed]:
            tensor = Tensor(
                len(self._tensors),
                tuple(t.shape),
                t.detach().clone() if is_constant else None,
                is_trained,
                owned[0] if owned else None,
                t.dtype,
            )
            self._tensors.append(tensor)
            tensors.append(tensor)
            self._keep(t, tensor.number)
        if changed and not reason and operation not in ("__setitem__",):
            reason = "it writes into a tensor"
        self._names[name] += 1
        unique = numbered(name, self._names[name])
        if self.lost and kind not in ("input", "constant"):
            reason = reason or self.lost
        call = Call(unique, kind, operation, target, args, kwargs, tuple(tensors), reason, writes)
        self.calls.append(call)

    def _keep(self, t: torch.Tensor, number: int) -> None:
        self._kept.append(t)
        self._number[id(t)] = number
        self._contents[id(t)] = contents_of(t)
        self._sharing.setdefault(_memory(t), []).append(t)

    def _lose_views(self, t: torch.Tensor, except_for: torch.Tensor | None) -> None:
        """Forget what tensors in the same memory are: their values have changed."""
        for other in self._sharing.get(_memory(t), []):
            if other is not except_for:
                self._number.pop(id(other), None)
                self._owned.pop(id(other), None)


def _memory(t: torch.Tensor) -> int:
    try:
        return int(t.untyped_storage()._cdata)
    except NotImplementedError:  # within torch.vmap tensors do not show theirs
        return -id(t)


def contents_of(t: torch.Tensor) -> tuple[int, int | None]:
    """Return the memory of a tensor and a checksum of its numbers, ``None`` if it has none.

    Examples
    --------
    >>> x = torch.zeros(3)
    >>> before = contents_of(x)
    >>> x.numpy()[0] = 1
    >>> contents_of(x) == before
    False
    """
    if t.layout is not torch.strided or t.is_meta or t.is_quantized:
        return _memory(t) if t.layout is torch.strided else 0, None
    memory = _memory(t)
    if memory < 0:  # within torch.vmap
        return memory, None
    flat = t.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return memory, zlib.crc32(flat.view(torch.uint8).cpu().numpy().tobytes())


def traced(
    model: nn.Module,
    example: tuple[Any, ...] | Mapping[str, Any] | Given,
    wholes: Iterable[nn.Module] = (),
    sizes: Sizes | None = None,
) -> CallGraph:
    """Return the graph of a network, from one run on an example.

    Parameters
    ----------
    model
        Any torch module. Its numbers and the state of random numbers are put back.
    example
        Its arguments: tensors by place, or by name; other arguments are passed on.
    wholes
        Submodules that are one call each, beside the layers of torch and of the toolkit.
    sizes
        What the network sees when it reads the shape of a tensor; as it is if left out.

    Raises
    ------
    ModuleMismatchError
        If the model is no torch module, or fails on the example.

    Notes
    -----
    Cost: one pass without gradients, whose tensors are all kept until it ends. The graph is that
    of the model as it is now, in training or evaluation.

    Examples
    --------
    >>> class Net(nn.Module):
    ...     def forward(self, x):
    ...         return torch.tanh(x) + x
    >>> for call in traced(Net(), (torch.zeros(1, 3, 2),)):
    ...     print(call)
    <input: input, [] -> [0]>
    <tanh: tanh, [0] -> [1]>
    <add: add, [1, 0] -> [2]>
    """
    if not isinstance(model, nn.Module):
        raise ModuleMismatchError(f"a torch module is required, found {type(model).__name__}")
    given = given_of(example)
    recorder = _Recorder(model, wholes, sizes)
    before = own_tensors(model, wholes)
    with put_back(model, given):
        given = given.each(torch.clone)
        for name, t in given.tensors.items():
            recorder.add_input(name, t)
        made = _run(recorder, given)
        results = tuple(recorder.number_of(t) for t in leaves(made))
        returned = tree_map(recorder.ref, made)
        changed = [name for name, t in own_tensors(model, wholes).items() if t != before.get(name)]
    lost = recorder.lost
    if changed and not lost:
        lost = f"it changes its own tensor {changed[0]!r}: the next run may give a different result"
    if not results and not lost:
        lost = (
            "it must return tensors, or tuples or dictionaries of them, found "
            f"{type(made).__name__}"
        )
    return CallGraph(tuple(recorder.calls), results, tuple(recorder.sequence), returned, lost)


def sequence_of(
    model: nn.Module, given: Given, wholes: Iterable[nn.Module] = (), seed: int = 0
) -> tuple[str, ...] | None:
    """Return the names of a network's calls in a run; ``None`` if it does not run.

    ``seed`` is that of the random numbers of Python and numpy.

    Examples
    --------
    >>> sequence_of(nn.ReLU(), Given((torch.zeros(2),)))
    ('ReLU',)
    """
    watch = CallWatch(model, wholes)
    with put_back(model, given):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - the model may use it
        try:
            _run(watch, given.each(torch.clone))
        except ModuleMismatchError:
            return None
    return tuple(watch.sequence)


def _run(watch: CallWatch, given: Given) -> Any:  # noqa: ANN401 - what the model returns
    watch.set_hooks()
    try:
        with watch:
            return given.run(watch.model)
    except Exception as error:
        raise ModuleMismatchError(
            f"the network must run on the example, but fails with {type(error).__name__}: "
            f"{str(error).strip().partition(chr(10))[0]}"
        ) from error
    finally:
        watch.remove_hooks()


@contextmanager
def put_back(model: nn.Module, given: Given) -> Iterator[None]:
    """Run a model within, without gradients; its numbers and all random ones are put back."""
    devices = [t.device for t in given.tensors.values() if t.is_cuda]
    own, numpys = random.getstate(), np.random.get_state()  # noqa: NPY002 - the model may use it
    try:
        with (
            state_kept(model),
            unwatched(),
            uncompiled(model),
            torch.inference_mode(False),
            torch.no_grad(),
            torch.random.fork_rng(devices),
        ):
            yield
    finally:
        random.setstate(own)
        np.random.set_state(numpys)  # noqa: NPY002


def own_tensors(model: nn.Module, wholes: Iterable[nn.Module]) -> dict[str, tuple[int, int]]:
    """Return which tensors a network holds outside its layers, and how often each was written to.

    Examples
    --------
    >>> list(own_tensors(nn.Sequential(nn.Linear(2, 2)), ()))
    []
    """
    inside: set[nn.Module] = set()
    apart = set(wholes)
    out: dict[str, tuple[int, int]] = {}
    for name, module in model.named_modules():
        if module in inside:
            continue
        if module in apart or is_layer(module):
            inside.update(module.modules())
            continue
        places = {**vars(module), **module._parameters, **module._buffers}
        for own, t in places.items():
            if isinstance(t, torch.Tensor):
                out[f"{name}.{own}" if name else own] = (id(t), version_of(t))
    return out
