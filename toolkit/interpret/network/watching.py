"""Watching the calls of a network while it runs: of layers taken as a whole, and of functions.

Every function of torch that the network calls passes through ``__torch_function__``, whether it is
written ``F.relu(x)``, ``torch.relu(x)``, ``x.relu()`` or ``x + y``; layers that are taken as a
whole are seen by hooks, and what they do inside is not seen. Who watches sees each call before and
after it, under one name: the layer's, or that of the module in whose ``forward`` a function is
called and the function's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from toolkit.nn.attention.transformer_block import EquivariantTransformerBlock
from toolkit.nn.containers import Concat, Residual, Sequential
from toolkit.nn.deep_sets import DeepSets
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.vectors.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torch.utils.hooks import RemovableHandle

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
    "_assert_tensor_metadata",
})  # fmt: skip


_UNWATCHED: ContextVar[bool] = ContextVar("unwatched", default=False)


@contextmanager
def unwatched() -> Iterator[None]:
    """Do what is not the network's own: learn its calls by a run, measure; nobody watches that.

    Examples
    --------
    >>> with unwatched():
    ...     print(is_unwatched())
    True
    """
    token = _UNWATCHED.set(True)
    try:
        yield
    finally:
        _UNWATCHED.reset(token)


def is_unwatched() -> bool:
    """Whether what is done now is not the network's own."""
    return _UNWATCHED.get()


def uncompiled(model: nn.Module) -> AbstractContextManager[None]:
    """Run what ``torch.compile`` has compiled as it was written, from this call to the exit.

    Calls within compiled parts are not seen.

    Examples
    --------
    >>> with uncompiled(nn.ReLU()):
    ...     pass
    """
    if any(type(module).__name__ == "OptimizedModule" for module in model.modules()):
        stance: AbstractContextManager[None] = torch.compiler.set_stance("force_eager")
        return stance
    return nullcontext()


class Watcher:
    """Whose hooks only look on, and change nothing that a network takes or makes."""


def is_changed_by_hooks(module: nn.Module) -> bool:
    """Whether a module has hooks that may change what it takes or makes.

    Examples
    --------
    >>> layer = nn.ReLU()
    >>> _ = layer.register_forward_hook(lambda module, x, y: y + 1)
    >>> is_changed_by_hooks(layer), is_changed_by_hooks(nn.ReLU())
    (True, False)
    """
    hooks = [*module._forward_hooks.values(), *module._forward_pre_hooks.values()]
    return not all(isinstance(getattr(hook, "__self__", None), Watcher) for hook in hooks)


@dataclass(eq=False)
class Begun:
    """A call that has begun.

    Parameters
    ----------
    kind
        ``"layer"`` or ``"function"``.
    name
        Its name, not yet numbered.
    operation, target
        The function's name, or the layer's type; the function or the layer.
    args, kwargs
        Its arguments.
    given
        The tensors among them.
    has_hooks
        Whether a layer has hooks of the user.
    written
        After the call: the tensors among those given that it has written into.
    """

    kind: Literal["layer", "function"]
    name: str
    operation: str
    target: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    given: list[torch.Tensor]
    has_hooks: bool = False
    written: list[torch.Tensor] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)

    def note_versions(self) -> None:
        """Remember how often each tensor was written to."""
        self.versions = [version_of(t) for t in self.given]

    def note_written(self) -> None:
        """Find the tensors that were written to since then."""
        pairs = zip(self.given, self.versions, strict=True)
        self.written = [t for t, version in pairs if version_of(t) != version]


class CallWatch(TorchFunctionMode, Watcher):
    """Within this context, and with its hooks, every call of a network is told.

    Parameters
    ----------
    model
        The network.
    wholes
        Submodules that are one call each, beside the layers of torch and of the toolkit.
    """

    def __init__(self, model: nn.Module, wholes: Iterable[nn.Module]) -> None:
        super().__init__()
        self.model = model
        #: Names of all calls that made tensors, in their order.
        self.sequence: list[str] = []
        self._wholes = set(wholes)
        self._met: Counter[str] = Counter()
        self._path: list[str] = []
        self._inside = 0
        self._entered: list[Begun] = []
        self._handles: list[RemovableHandle] = []
        self._root: _OnLayer | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is told now."""
        return False

    # for those who watch ----------------------------------------------------------------------

    def begun(self, call: Begun) -> None:
        """Look at a call before it runs."""

    def ended(self, call: Begun, made: object) -> None:
        """Look at a call that has made tensors, or written into some."""

    def left(self, call: Begun) -> None:
        """Look at a call that has made something else than tensors: a number, perhaps."""

    def harmless(self, name: str, args: tuple[Any, ...], made: Any) -> Any:  # noqa: ANN401
        """Look at what tells nothing of values, such as a shape; return what the network sees."""
        return made

    # hooks ------------------------------------------------------------------------------------

    def set_hooks(self) -> None:
        """Set hooks on all submodules."""
        inside: set[nn.Module] = set()
        for name, module in self.model.named_modules():
            if module in inside:
                continue
            if isinstance(module, torch.jit.ScriptModule):  # takes no hooks, and shows no calls
                inside.update(module.modules())
            elif module in self._wholes or is_layer(module):
                inside.update(module.modules())
                self._watch_layer(module, name or type(module).__name__)
            elif name:
                self._watch_path(module, name)

    def enter_model(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Begin a call of the network itself, if it is a layer; for hooks set in that call."""
        if self._root is not None:
            self._root.enter(self.model, args, kwargs)

    def remove_hooks(self) -> None:
        """Remove them."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def begin(self) -> None:
        """Forget the last run."""
        self.sequence.clear()
        self._met.clear()
        self._path.clear()
        self._entered.clear()
        self._inside = 0

    def _watch_path(self, module: nn.Module, name: str) -> None:
        on = _OnPath(self, name)
        self._handles.append(module.register_forward_pre_hook(on.enter))
        self._handles.append(module.register_forward_hook(on.leave))

    def _watch_layer(self, module: nn.Module, name: str) -> None:
        on = _OnLayer(self, name, any(is_changed_by_hooks(m) for m in module.modules()))
        if module is self.model:
            self._root = on
        # first in, last out: what hooks of the user do belongs to the layer
        enters = module.register_forward_pre_hook(on.enter, prepend=True, with_kwargs=True)
        self._handles.append(enters)
        self._handles.append(module.register_forward_hook(on.leave))

    def enter_path(self, name: str) -> None:
        """Go into the ``forward`` of a submodule that is no layer."""
        if not self.idle:
            self._path.append(name)

    def leave_path(self) -> None:
        """Come out of it."""
        if not self.idle and self._path:
            self._path.pop()

    def enter_layer(self, call: Begun) -> None:
        """Begin a call of a layer."""
        if self.idle:
            return
        self._inside += 1  # at once: what these hooks do is not the network's
        if self._inside == 1:
            call.given = leaves((call.args, dict(call.kwargs)))
            self._entered.append(call)
            call.note_versions()
            self.begun(call)

    def leave_layer(self, made: object) -> None:
        """End it."""
        if self.idle:
            return
        if self._inside == 1 and self._entered:
            call = self._entered.pop()
            call.note_written()
            self.sequence.append(call.name)
            self.ended(call, made)
            self._met[call.name] += 1
        self._inside -= 1

    # functions --------------------------------------------------------------------------------

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401 - torch's own signature
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run a function, and tell what it took and made."""
        named = dict(kwargs or {})
        if self._inside or self.idle:
            return func(*args, **named)
        name = function_name(func)
        if name in _HARMLESS:
            return self.harmless(name, (*args, *named.values()), func(*args, **named))
        path = f"{self._path[-1]}.{name}" if self._path else name
        call = Begun("function", path, name, func, args, named, leaves((args, named)))
        call.note_versions()
        self.begun(call)
        made = func(*args, **named)
        if isinstance(made, str | torch.Size | torch.dtype | torch.device):
            return made
        call.note_written()
        if leaves(made):
            self.sequence.append(path)
        elif not call.written:
            self.left(call)
            return made
        self.ended(call, made)
        self._met[path] += bool(leaves(made))
        return made

    def unique(self, name: str) -> str:
        """Return the name of a call that runs now, with its number in the run.

        Calls that make no tensor are not counted.
        """
        return numbered(name, self._met[name] + 1)


class _OnPath(Watcher):
    """The hooks on a submodule that is no layer."""

    def __init__(self, watch: CallWatch, name: str) -> None:
        self.watch, self.name = watch, name

    def enter(self, _: nn.Module, __: object) -> None:
        self.watch.enter_path(self.name)

    def leave(self, _: nn.Module, __: object, ___: object) -> None:
        self.watch.leave_path()


class _OnLayer(Watcher):
    """The hooks on a layer."""

    def __init__(self, watch: CallWatch, name: str, has_hooks: bool) -> None:
        self.watch, self.name, self.has_hooks = watch, name, has_hooks

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        kind = type(module).__name__
        self.watch.enter_layer(
            Begun("layer", self.name, kind, module, args, kwargs, [], self.has_hooks)
        )

    def leave(self, _: nn.Module, __: object, made: object) -> None:
        self.watch.leave_layer(made)


def numbered(name: str, count: int) -> str:
    """Return the name of the call of this number, from 1.

    Examples
    --------
    >>> numbered("act", 1), numbered("act", 2)
    ('act', 'act#2')
    """
    return name if count == 1 else f"{name}#{count}"


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


def function_name(func: Callable[..., Any]) -> str:
    """Return the name of a function of torch, that of the attribute for ``x.shape``.

    Operators of exported networks have that of the function, without the kind of its arguments.

    Examples
    --------
    >>> function_name(torch.relu), function_name(torch.Tensor.shape.__get__)
    ('relu', 'shape')
    >>> function_name(torch.ops.aten.add.Tensor)
    'add'
    """
    if isinstance(func, torch._ops.OpOverload):
        return str(func._schema.name.partition("::")[2])
    name = getattr(func, "__name__", type(func).__name__)
    if name in ("__get__", "__set__"):
        owner = getattr(func, "__self__", None)
        name = getattr(owner, "__name__", None) or getattr(
            getattr(owner, "fget", None), "__name__", name
        )
    return str(name)


def leaves(given: object) -> list[torch.Tensor]:
    """Return the tensors in nested arguments, in order."""
    return [t for t in tree_leaves(given) if isinstance(t, torch.Tensor)]


def version_of(t: torch.Tensor) -> int:
    """Return how often a tensor was written to; always 0 in inference mode, which keeps no count.

    Examples
    --------
    >>> version_of(torch.zeros(1).add_(1))
    1
    """
    return 0 if t.is_inference() else int(t._version)
