"""Recording the graph of a network in a run on an example.

Every function of torch that the network calls passes through ``__torch_function__``, whether it is
written ``F.relu(x)``, ``torch.relu(x)``, ``x.relu()`` or ``x + y``; layers that are taken as a
whole are seen by hooks, and what they do inside is not recorded. Unlike symbolic tracing
(``torch.fx``) this goes through every module that can be run: a ``forward`` may branch on shapes,
as those of the toolkit's own containers do. A ``forward`` that branches on *values* is noticed
(a number leaves a tensor: ``bool(x.sum() > 0)``, ``x.item()``), and from there on all is unknown,
as another input may take another way.

Tensors are told apart as objects. A tensor that is changed in place is a new one from then on;
its views are lost, as their values have changed behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from toolkit.errors import ModuleMismatchError
from toolkit.interpret.network.calls import Call, CallGraph, CallKind, Ref, Tensor
from toolkit.nn.attention.transformer_block import EquivariantTransformerBlock
from toolkit.nn.containers import Concat, Residual, Sequential
from toolkit.nn.deep_sets import DeepSets
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.vectors.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch.utils.hooks import RemovableHandle

#: Told the name of a call and the tensors that it takes, before it runs.
Listener: TypeAlias = "Callable[[str, list[torch.Tensor]], None]"

#: Given the number of a tensor, its shape or one of its sizes, and the arguments with which that
#: was read, gives what the network is to see in the place of it.
Sizes: TypeAlias = "Callable[[int, Any, tuple[Any, ...]], Any]"

#: The toolkit's networks, whose layers are calls of their own.
_CONTAINERS = (
    Sequential, Residual, Concat, EquivariantMLP, DeepSets, EquivariantTransformerBlock, Frame,
)  # fmt: skip

#: Torch's layers that are one function each, which is seen itself.
_FUNCTIONS = (nn.Softmax, nn.LogSoftmax, nn.Softmin, nn.GLU, nn.Flatten, nn.Unflatten)

# functions of a tensor that tell nothing of its values
_HARMLESS = frozenset({
    "shape", "dtype", "device", "ndim", "layout", "is_cuda", "is_cpu", "is_mps", "requires_grad",
    "grad_fn", "is_leaf", "names", "size", "dim", "numel", "nelement", "stride", "ndimension",
    "is_floating_point", "is_complex", "is_contiguous", "element_size", "storage_offset",
    "__len__", "is_sparse", "is_quantized", "is_meta", "get_device", "_version", "__hash__",
    "requires_grad_", "retain_grad", "register_hook", "__repr__", "__format__", "is_signed",
    "result_type", "is_inference", "is_same_size", "is_tensor", "is_nested", "itemsize", "nbytes",
    "is_xpu", "is_sparse_csr", "is_mkldnn", "is_vulkan", "is_ipu", "is_mtia", "_is_view",
})  # fmt: skip

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

_NUMBER_LEFT = "a number leaves a tensor, and may decide what is done"


def forward_of(module: nn.Module) -> type | None:
    """Return the class whose ``forward`` a module runs; ``None`` if the object has its own.

    Examples
    --------
    >>> forward_of(nn.ReLU()).__name__
    'ReLU'
    """
    if "forward" in vars(module):
        return None
    return next(kind for kind in type(module).__mro__ if "forward" in vars(kind))


def is_layer(module: nn.Module) -> bool:
    """Whether a module is taken as a whole: a layer of torch or of the toolkit.

    Examples
    --------
    >>> is_layer(nn.Linear(2, 2)), is_layer(nn.Sequential(nn.Linear(2, 2)))
    (True, False)
    """
    kind = forward_of(module)
    if kind is None or kind in _CONTAINERS or kind in _FUNCTIONS:
        return False
    place = kind.__module__
    if place.startswith("toolkit.nn."):
        return True
    composed = place.endswith((".container", ".transformer", ".module"))
    return place.startswith("torch.nn.modules.") and not composed


class _Recorder(TorchFunctionMode):
    """Notes the calls of a run; see :func:`traced`."""

    def __init__(
        self,
        model: nn.Module,
        wholes: Iterable[nn.Module],
        listen: Listener | None,
        sizes: Sizes | None = None,
    ) -> None:
        super().__init__()
        self._listen, self._sizes = listen, sizes
        self.calls: list[Call] = []
        self.lost = ""  # why all that is made from here on is unknown
        self._tensors: list[Tensor] = []
        self._is_lost: set[int] = set()
        self._number: dict[int, int] = {}  # by id of an object that is kept
        self._sharing: dict[int, list[torch.Tensor]] = {}  # by memory
        self._changed: set[int] = set()  # memories that were written to
        self._kept: list[object] = []
        self._names: Counter[str] = Counter()
        self._path: list[str] = []
        self._inside = 0
        self._entered: list[tuple[Any, Any, dict[int, int], list[torch.Tensor]]] = []
        self._owned: dict[int, tuple[torch.Tensor, bool]] = {}
        self._handles: list[RemovableHandle] = []
        self._of_model(model, set(wholes))

    # hooks ------------------------------------------------------------------------------------

    def _of_model(self, model: nn.Module, wholes: set[nn.Module]) -> None:
        for p in model.parameters():
            self._owned[id(p)] = (p, True)
        for module in model.modules():
            for t in [*module.buffers(recurse=False), *vars(module).values()]:
                if isinstance(t, torch.Tensor):
                    self._owned.setdefault(id(t), (t, False))
        inside: set[nn.Module] = set()
        for name, module in model.named_modules():
            if module in inside:
                continue
            if module in wholes or is_layer(module):
                inside.update(module.modules())
                hooked = bool(module._forward_hooks or module._forward_pre_hooks)
                self._watch_layer(module, name or type(module).__name__, hooked)
            else:
                self._watch_path(module, name)

    def _watch_path(self, module: nn.Module, name: str) -> None:
        def enter(_: nn.Module, __: object) -> None:
            self._path.append(name)

        def leave(_: nn.Module, __: object, ___: object) -> None:
            self._path.pop()

        self._handles.append(module.register_forward_pre_hook(enter))
        self._handles.append(module.register_forward_hook(leave))

    def _watch_layer(self, module: nn.Module, name: str, hooked: bool) -> None:
        def enter(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            self._inside += 1  # at once: what these hooks do is not the network's
            if self._inside == 1:
                given = _leaves((args, kwargs))
                self._tell(name, given)
                refs = tree_map(self._ref, (args, kwargs))
                self._entered.append((*refs, _versions(given), given))

        def leave(_: nn.Module, __: object, made: object) -> None:
            if self._inside == 1:
                args, kwargs, versions, given = self._entered.pop()
                reason = "it has hooks, which may change what it takes or returns" if hooked else ""
                written = [t for t in given if versions[id(t)] != t._version]
                self._note("layer", name, type(module).__name__, module, args, kwargs, made,
                           written, reason)  # fmt: skip
            self._inside -= 1

        self._handles.append(module.register_forward_pre_hook(enter, with_kwargs=True))
        self._handles.append(module.register_forward_hook(leave))

    def stop(self) -> None:
        """Remove the hooks."""
        for handle in self._handles:
            handle.remove()

    # tensors ----------------------------------------------------------------------------------

    def add_input(self, name: str, t: torch.Tensor) -> None:
        """Note an input of the network."""
        self._note("input", name, "input", None, (), {}, t, [], "")

    def number_of(self, t: torch.Tensor) -> int:
        """Return the number of a tensor, which may be one that was not seen before."""
        known = self._number.get(id(t))
        if known is not None:
            return known
        memory = _memory(t)
        owned = self._owned.get(id(t))
        if owned is not None and memory not in self._changed:
            self._note("constant", "constant", "constant", None, (), {}, t, [], "", owned)
        else:
            reason = (
                "a tensor of its memory was changed in place"
                if memory in self._changed
                else "it is made by nothing that torch shows, nor a parameter or buffer"
            )
            self._note("lost", "tensor", "tensor", None, (), {}, t, [], reason)
        return self._number[id(t)]

    def _tell(self, name: str, given: list[torch.Tensor]) -> None:
        """Show a call that begins to the listener, under the name that it will have."""
        if self._listen is not None:
            self._listen(_numbered(name, self._names[name] + 1), given)

    def _ref(self, leaf: Any) -> Any:  # noqa: ANN401 - any leaf of the arguments
        return Ref(self.number_of(leaf)) if isinstance(leaf, torch.Tensor) else leaf

    # functions --------------------------------------------------------------------------------

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401 - torch's own signature
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run a function, and note what it took and made."""
        named = dict(kwargs or {})
        if self._inside:
            return func(*args, **named)
        name = function_name(func)
        given = _leaves((args, named))
        versions = _versions(given)
        refs = tree_map(self._ref, (args, named)) if name not in _HARMLESS else ((), {})
        path = ".".join(part for part in (self._path[-1] if self._path else "", name) if part)
        if name not in _HARMLESS:
            self._tell(path, given)
        made = func(*args, **named)
        if name in _HARMLESS:
            if isinstance(made, torch.Tensor) and id(made) not in self._number:
                self.number_of(made)
            if self._sizes is not None and name in ("shape", "size"):
                made = self._sizes(self.number_of(given[0]), made, (*args, *named.values()))
            return made
        written = [t for t in given if versions[id(t)] != t._version]
        if isinstance(made, str | torch.Size | torch.dtype | torch.device):
            return made
        if not _leaves(made) and not written:
            depends = any(self._tensors[n].value is None for n in _numbers(refs))
            if depends and not self.lost:
                self.lost = f"{_NUMBER_LEFT} ({name})"
            return made
        reason = ""
        if name in _RANDOM:
            reason = "its values are random, or not set"
        elif name == "data":
            reason = ".data may be changed unseen"
            self._changed.update(_memory(t) for t in given)
            for t in given:
                self._lose_views(t, except_for=None)
        self._note("function", path, name, func, refs[0], refs[1], made, written, reason)
        return made

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
        taken = [self._tensors[n] for n in _numbers((args, kwargs))]
        outputs = _leaves(made)
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
        unique = _numbered(name, self._names[name])
        if self.lost and kind not in ("input", "constant"):
            reason = reason or self.lost
        call = Call(unique, kind, operation, target, args, kwargs, tuple(tensors), reason, writes)
        self.calls.append(call)

    def _keep(self, t: torch.Tensor, number: int) -> None:
        self._kept.append(t)
        self._number[id(t)] = number
        self._sharing.setdefault(_memory(t), []).append(t)

    def _lose_views(self, t: torch.Tensor, except_for: torch.Tensor | None) -> None:
        """Forget what tensors in the same memory are: their values have changed."""
        for other in self._sharing.get(_memory(t), []):
            if other is not except_for:
                self._number.pop(id(other), None)
                self._owned.pop(id(other), None)


def _numbered(name: str, count: int) -> str:
    return name if count == 1 else f"{name}#{count}"


def function_name(func: Callable[..., Any]) -> str:
    """Return the name of a function of torch, that of the attribute for ``x.shape``.

    Examples
    --------
    >>> function_name(torch.relu), function_name(torch.Tensor.shape.__get__)
    ('relu', 'shape')
    """
    name = getattr(func, "__name__", type(func).__name__)
    if name in ("__get__", "__set__"):
        owner = getattr(func, "__self__", None)
        name = getattr(owner, "__name__", None) or getattr(
            getattr(owner, "fget", None), "__name__", name
        )
    return str(name)


def _leaves(given: object) -> list[torch.Tensor]:
    return [t for t in tree_leaves(given) if isinstance(t, torch.Tensor)]


def _numbers(refs: object) -> list[int]:
    return [leaf.number for leaf in tree_leaves(refs) if isinstance(leaf, Ref)]


def _versions(given: Iterable[torch.Tensor]) -> dict[int, int]:
    return {id(t): t._version for t in given}


def _memory(t: torch.Tensor) -> int:
    return int(t.untyped_storage()._cdata)


def traced(
    model: nn.Module,
    example: tuple[torch.Tensor, ...] | Mapping[str, torch.Tensor],
    wholes: Iterable[nn.Module] = (),
    listen: Listener | None = None,
    sizes: Sizes | None = None,
) -> CallGraph:
    """Return the graph of a network, from one run on an example.

    Parameters
    ----------
    model
        Any torch module. Its buffers and the state of random numbers are put back.
    example
        Its arguments: tensors by place, or by name.
    wholes
        Submodules that are one call each, beside the layers of torch and of the toolkit.
    listen
        Given the name of each call, before it runs, and the tensors that it takes.
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
    named = dict(example) if isinstance(example, Mapping) else {}
    placed = () if isinstance(example, Mapping) else tuple(example)
    devices = [t.device for t in _leaves((placed, named)) if t.is_cuda]
    saved = {name: b.clone() for name, b in model.named_buffers()}
    recorder = _Recorder(model, wholes, listen, sizes)
    try:
        with torch.inference_mode(False), torch.no_grad(), torch.random.fork_rng(devices):
            args = tuple(t.clone() for t in placed)
            kwargs = {name: t.clone() for name, t in named.items()}
            single = len(args) + len(kwargs) == 1
            for i, t in enumerate(args):
                recorder.add_input("input" if single else f"input {i}", t)
            for name, t in kwargs.items():
                recorder.add_input("input" if single else f"input {name}", t)
            try:
                with recorder:
                    made = model(*args, **kwargs)
            except Exception as error:
                raise ModuleMismatchError(
                    f"the network must run on the example, but fails with "
                    f"{type(error).__name__}: {error}"
                ) from error
            results = tuple(recorder.number_of(t) for t in _leaves(made))
            returned = tree_map(recorder._ref, made)
    finally:
        recorder.stop()
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                if name in saved and not torch.equal(buffer, saved[name]):
                    buffer.copy_(saved[name])
    return CallGraph(tuple(recorder.calls), results, returned, recorder.lost)
