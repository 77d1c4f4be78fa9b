"""Which of torch's own modules commute with the group, on which kind of module, and why.

A row of :data:`TORCH_MODULES` is one module of torch with arguments that matter. It says for
permutation, signed and linear modules whether the module commutes with G *whatever its parameters*,
on tensors ``(batch, points, channels)``, and what to use where it does not.
:class:`toolkit.nn.Sequential` refuses by this table, and the page of the documentation is written
from it; each row is tested as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from toolkit.modules.module import Module

ModuleKind: TypeAlias = Literal["permutation", "signed", "linear"]

#: The kinds of modules, in the order of the table's columns.
KINDS: tuple[ModuleKind, ...] = ("permutation", "signed", "linear")


@dataclass(frozen=True, eq=False)
class TorchModule:
    """One row: a module of torch, and where it is legal.

    Parameters
    ----------
    title
        How it is written, for n points and C channels.
    make
        Makes it, given n and C.
    kinds
        Its classes.
    legal_on
        The kinds of modules that it commutes on.
    why
        The reason, in a sentence without a full stop.
    instead
        What to use on the other kinds.
    applies
        Whether an instance belongs to this row rather than a later one, given n (or ``None``).
    channels
        The channels of the output, given the instance and those of the input; ``None`` if unknown.
    call
        How it is applied to ``(batch, n, C)`` if it is not a function of one tensor.
    is_activation
        Whether it is a function of one number.
    on_fields
        What to use on fields, ``(batch, points, channels, *grid)``, if it takes images.
    """

    title: str
    make: Callable[[int, int], nn.Module]
    kinds: tuple[type[nn.Module], ...]
    legal_on: tuple[ModuleKind, ...]
    why: str
    instead: str = ""
    applies: Callable[[nn.Module, int | None], bool] = lambda module, n: True
    channels: Callable[[nn.Module, int | None], int | None] = lambda module, C: C
    call: Callable[[nn.Module, torch.Tensor], torch.Tensor] = lambda module, x: module(x)
    is_activation: bool = False
    on_fields: str = ""


ALL: tuple[ModuleKind, ...] = KINDS
POINTS: tuple[ModuleKind, ...] = ("permutation", "signed")
PLAIN: tuple[ModuleKind, ...] = ("permutation",)
NONE: tuple[ModuleKind, ...] = ()

_ODD = (
    "an odd function such as nn.Tanh on signed modules; tk.nn.NormActivation, tk.nn.Gated or "
    "tk.nn.Frame on linear modules"
)
_LINEAR = "tk.nn.NormActivation, tk.nn.Gated or tk.nn.Frame"
_POOL = "tk.nn.EquivariantPooling(X, Y) or tk.nn.InvariantPooling(X)"


def _plain(*names: str, instead: str = _ODD) -> tuple[TorchModule, ...]:
    """Return rows of functions of one number that are not odd."""
    why = "a function of one number at each point; not odd, so it does not keep changes of sign"
    return tuple(
        TorchModule(
            f"nn.{name}()", lambda n, C, name=name: getattr(nn, name)(),  # type: ignore[misc]
            (getattr(nn, name),), PLAIN, why, instead, is_activation=True,
        )
        for name in names
    )  # fmt: skip


def _odd(*names: str) -> tuple[TorchModule, ...]:
    why = "an odd function of one number at each point"
    return tuple(
        TorchModule(
            f"nn.{name}()", lambda n, C, name=name: getattr(nn, name)(),  # type: ignore[misc]
            (getattr(nn, name),), POINTS, why, _LINEAR, is_activation=True,
        )
        for name in names
    )  # fmt: skip


def _over_points(module: nn.Module, n: int | None) -> bool:
    return getattr(module, "dim", None) == -2


def _over_channels(module: nn.Module, n: int | None) -> bool:
    return getattr(module, "dim", None) == -1


def _has(name: str, value: object) -> Callable[[nn.Module, int | None], bool]:
    return lambda module, n: getattr(module, name) == value


def _without(name: str) -> Callable[[nn.Module, int | None], bool]:
    return lambda module, n: getattr(module, name) is None


def _is_bare(module: nn.Module, n: int | None) -> bool:
    return not (module.affine or module.track_running_stats)


def _unweighted_groups(module: nn.Module) -> int | None:
    assert isinstance(module, nn.GroupNorm)
    return None if module.affine else module.num_groups


#: Those that take the second of three axes for channels.
_BATCH_NORMS = (nn.BatchNorm1d, nn.LazyBatchNorm1d, nn.SyncBatchNorm)


def _shape(length: int, affine: bool) -> Callable[[nn.Module, int | None], bool]:
    return lambda module, n: (
        len(getattr(module, "normalized_shape")) == length  # noqa: B009 - typed
        and getattr(module, "elementwise_affine") is affine  # noqa: B009
    )


def _no_channels(module: nn.Module, C: int | None) -> int | None:
    return None


def _softmax_rows() -> tuple[TorchModule, ...]:
    kinds = (nn.Softmax, nn.LogSoftmax, nn.Softmin)
    return (
        TorchModule(
            "nn.Softmax(-1)", lambda n, C: nn.Softmax(-1), kinds, PLAIN,
            "a function of the channels of each point, which does not change sign with them",
            "an odd function on signed modules, norms of components on linear modules",
            _over_channels,
        ),
        TorchModule(
            "nn.Softmax(-2)", lambda n, C: nn.Softmax(-2), kinds, PLAIN,
            "the values move with the points, and their sum over all points is invariant; it does "
            "not change sign",
            "weights that are invariant, such as those of tk.nn.EquivariantAttention",
            _over_points,
        ),
        TorchModule(
            "nn.Softmax(1)", lambda n, C: nn.Softmax(1), kinds, PLAIN,
            "over points, or over another axis that the group does not move; it does not change "
            "sign",
            "weights that are invariant, such as those of tk.nn.EquivariantAttention",
        ),
    )  # fmt: skip


def _norm_rows() -> tuple[TorchModule, ...]:
    by_points = (
        "its weights, or running statistics, differ from point to point once trained: equivariant "
        "only when fresh"
    )
    layer, rms, batch = (
        "tk.nn.EquivariantLayerNorm(X, C)", "tk.nn.EquivariantRMSNorm(X, C)",
        "tk.nn.EquivariantBatchNorm(X, C)",
    )  # fmt: skip

    def channels_alone(module: nn.Module, n: int | None) -> bool:
        return _shape(1, True)(module, n) and getattr(module, "bias", None) is None

    return (
        TorchModule(
            "nn.LayerNorm(C, bias=False)", lambda n, C: nn.LayerNorm(C, bias=False),
            (nn.LayerNorm,), POINTS,
            "an odd function of the channels of each point", layer, channels_alone,
        ),
        TorchModule(
            "nn.LayerNorm(C, elementwise_affine=False)",
            lambda n, C: nn.LayerNorm(C, elementwise_affine=False), (nn.LayerNorm,), POINTS,
            "an odd function of the channels of each point", layer, _shape(1, False),
        ),
        TorchModule(
            "nn.LayerNorm(C)", lambda n, C: nn.LayerNorm(C), (nn.LayerNorm,), PLAIN,
            "a function of the channels of each point; its bias does not change sign",
            f"nn.LayerNorm(C, bias=False) on signed modules, {layer} on all", _shape(1, True),
        ),
        TorchModule(
            "nn.LayerNorm([n, C], elementwise_affine=False)",
            lambda n, C: nn.LayerNorm([n, C], elementwise_affine=False), (nn.LayerNorm,), PLAIN,
            "mean and variance over all points and channels are invariant; with signs the mean is "
            "not", layer, _shape(2, False),
        ),
        TorchModule(
            "nn.LayerNorm([n, C])", lambda n, C: nn.LayerNorm([n, C]), (nn.LayerNorm,), NONE,
            by_points, f"{layer}, or nn.LayerNorm(C) on permutation modules",
        ),
        TorchModule(
            "nn.RMSNorm(C)", lambda n, C: nn.RMSNorm(C), (nn.RMSNorm,), POINTS,
            "an odd function of the channels of each point", rms,
            lambda module, n: len(getattr(module, "normalized_shape")) == 1,  # noqa: B009
        ),
        TorchModule(
            "nn.RMSNorm([n, C], elementwise_affine=False)",
            lambda n, C: nn.RMSNorm([n, C], elementwise_affine=False), (nn.RMSNorm,), POINTS,
            "the mean square over all points and channels is invariant; on a linear module only "
            "where its matrices are orthogonal", rms, _shape(2, False),
        ),
        TorchModule(
            "nn.RMSNorm([n, C])", lambda n, C: nn.RMSNorm([n, C]), (nn.RMSNorm,), NONE, by_points,
            rms,
        ),
        TorchModule(
            "nn.BatchNorm1d(n, affine=False, track_running_stats=False)",
            lambda n, C: nn.BatchNorm1d(n, affine=False, track_running_stats=False),
            _BATCH_NORMS, POINTS,
            "mean and variance of each point over the batch and the channels, which move with the "
            "points", batch, _is_bare,
        ),
        TorchModule(
            "nn.BatchNorm1d(n)", lambda n, C: nn.BatchNorm1d(n), _BATCH_NORMS, NONE,
            by_points + "; it treats the second axis, the points, as channels", batch,
        ),
        TorchModule(
            "nn.InstanceNorm1d(n)", lambda n, C: nn.InstanceNorm1d(n), (nn.InstanceNorm1d,), POINTS,
            "without weights and running statistics it is LayerNorm over the channels of each "
            "point", f"tk.nn.EquivariantGroupNorm(C, X, C), {layer}", _is_bare,
        ),
        TorchModule(
            "nn.InstanceNorm1d(n, affine=True)", lambda n, C: nn.InstanceNorm1d(n, affine=True),
            (nn.InstanceNorm1d,), NONE, by_points, f"tk.nn.EquivariantGroupNorm(C, X, C), {layer}",
        ),
        TorchModule(
            "nn.GroupNorm(1, n, affine=False)", lambda n, C: nn.GroupNorm(1, n, affine=False),
            (nn.GroupNorm,), PLAIN,
            "mean and variance over all points and channels are invariant; with signs the mean is "
            "not", layer,
            lambda module, n: _unweighted_groups(module) == 1,
        ),
        TorchModule(
            "nn.GroupNorm(n, n, affine=False)", lambda n, C: nn.GroupNorm(n, n, affine=False),
            (nn.GroupNorm,), POINTS, "it is LayerNorm over the channels of each point",
            f"tk.nn.EquivariantGroupNorm(C, X, C), {layer}",
            lambda module, n: _unweighted_groups(module) == getattr(module, "num_channels", None),
        ),
        TorchModule(
            "nn.GroupNorm(n, n)", lambda n, C: nn.GroupNorm(n, n), (nn.GroupNorm,), NONE,
            by_points + "; it treats the second axis, the points, as channels",
            "tk.nn.EquivariantGroupNorm(groups, X, C)",
        ),
        TorchModule(
            "nn.LocalResponseNorm(2)", lambda n, C: nn.LocalResponseNorm(2, alpha=1.0),
            (nn.LocalResponseNorm,), NONE, "it mixes points with neighbours by number", rms,
        ),
    )  # fmt: skip


def _dropout_rows() -> tuple[TorchModule, ...]:
    evaluated = "the identity in evaluation mode; in training "
    own = "tk.nn.EquivariantDropout(X, p)"
    return (
        TorchModule(
            "nn.Dropout(p)", lambda n, C: nn.Dropout(), (nn.Dropout,), POINTS,
            evaluated + "each point has its own mask: equivariant in distribution, not in a sample",
            own,
        ),
        TorchModule(
            "nn.Dropout1d(p)", lambda n, C: nn.Dropout1d(),
            (nn.Dropout1d, nn.Dropout2d, nn.Dropout3d), POINTS,
            evaluated + "whole points are dropped: equivariant in distribution, not in a sample",
            own, on_fields=f"tk.nn.Pixelwise({own})",
        ),
        TorchModule(
            "nn.AlphaDropout(p)", lambda n, C: nn.AlphaDropout(),
            (nn.AlphaDropout, nn.FeatureAlphaDropout), PLAIN,
            evaluated + "it replaces dropped values by a negative number: equivariant in "
                        "distribution, but not under changes of sign", own,
        ),
    )  # fmt: skip


def _linear_rows() -> tuple[TorchModule, ...]:
    def out(module: nn.Module, C: int | None) -> int | None:
        found = getattr(module, "out_features", None)
        return int(found) if isinstance(found, int) else None

    mixed = "the points are treated as channels or places: weights differ from point to point"
    own = "tk.nn.EquivariantLinear(X, Y, C, D)"
    return (
        TorchModule(
            "nn.Linear(C, D, bias=False)", lambda n, C: nn.Linear(C, C + 1, bias=False),
            (nn.Linear,), ALL, "it mixes channels, in the same way at all points",
            applies=_without("bias"), channels=out,
        ),
        TorchModule(
            "nn.Linear(C, D)", lambda n, C: nn.Linear(C, C + 1), (nn.Linear,), PLAIN,
            "it mixes channels, in the same way at all points; its bias is a constant function, "
            "which neither changes sign nor is invariant on a linear module",
            f"nn.Linear(C, D, bias=False), or {own} with its invariant bias", channels=out,
        ),
        TorchModule(
            "nn.Conv1d(n, m, k)", lambda n, C: nn.Conv1d(n, n, 3, padding=1),
            (nn.Conv1d, nn.ConvTranspose1d), NONE, mixed,
            f"{own}, tk.nn.GroupConvolution or tk.nn.periodic_convolution", channels=_no_channels,
        ),
        TorchModule(
            "nn.Flatten(-2)", lambda n, C: nn.Flatten(-2), (nn.Flatten,), NONE,
            "points become channels of a tensor without points, and later weights distinguish "
            "them",
            "tk.nn.InvariantPooling(X) first",
            channels=_no_channels,
        ),
        TorchModule(
            "nn.ChannelShuffle(2)", lambda n, C: nn.ChannelShuffle(2), (nn.ChannelShuffle,), NONE,
            "it permutes the second axis, the points, by its own permutation",
            "a permutation of the last axis, x[..., order]",
            applies=lambda module, n: getattr(module, "groups") > 1,  # noqa: B009
        ),
    )  # fmt: skip


#: What joins the pixels of images.
_OF_PIXELS: tuple[type[nn.Module], ...] = (
    nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool2d, nn.AdaptiveMaxPool2d, nn.LPPool2d,
    nn.FractionalMaxPool2d, nn.CircularPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d,
)  # fmt: skip


def _pooling_rows() -> tuple[TorchModule, ...]:
    channels = "it combines neighbouring channels (not points), in the same way at all points"
    return (
        TorchModule(
            "nn.AvgPool1d(k)", lambda n, C: nn.AvgPool1d(2),
            (nn.AvgPool1d, nn.AdaptiveAvgPool1d), ALL, channels + f"; over points: {_POOL}",
            channels=_no_channels,
        ),
        TorchModule(
            "nn.MaxPool1d(k)", lambda n, C: nn.MaxPool1d(2),
            (nn.MaxPool1d, nn.AdaptiveMaxPool1d), PLAIN,
            channels + "; a maximum does not change sign", f"nn.AvgPool1d; over points: {_POOL}",
            channels=_no_channels,
        ),
        TorchModule(
            "nn.LPPool1d(2, k)", lambda n, C: nn.LPPool1d(2, 2), (nn.LPPool1d,), PLAIN,
            channels + "; a norm loses the sign", f"nn.AvgPool1d; over points: {_POOL}",
            channels=_no_channels,
        ),
        TorchModule(
            "nn.AvgPool2d(k)", lambda n, C: nn.AvgPool2d(2), _OF_PIXELS, NONE,
            "it joins points that are neighbours by their numbers, as if they were rows of an "
            "image", f"tk.nn.Gridwise(layer) on fields; over points: {_POOL}",
            channels=_no_channels, on_fields="tk.nn.Gridwise(layer)",
        ),
        TorchModule(
            "nn.ZeroPad1d(k)", lambda n, C: nn.ZeroPad1d(1),
            (nn.ZeroPad1d, nn.CircularPad1d, nn.ReflectionPad1d, nn.ReplicationPad1d), ALL,
            "it adds channels that are 0 or copies of others", channels=_no_channels,
        ),
        TorchModule(
            "nn.ConstantPad1d(k, 1.0)", lambda n, C: nn.ConstantPad1d(1, 1.0),
            (nn.ConstantPad1d,), PLAIN, "it adds channels that are a constant function",
            "nn.ZeroPad1d", channels=_no_channels,
        ),
        TorchModule(
            "nn.GLU(-1)", lambda n, C: nn.GLU(-1), (nn.GLU,), PLAIN,
            "one half of the channels of a point times the sigmoid of the other, which does not "
            "change sign with it", "tk.nn.Gated, with invariant gates", _over_channels,
            channels=lambda module, C: None if C is None else C // 2,
        ),
        TorchModule(
            "nn.GLU(-2)", lambda n, C: nn.GLU(-2), (nn.GLU,), NONE,
            "one half of the points is multiplied with the other", "nn.GLU(-1) over channels",
            _over_points, channels=_no_channels,
        ),
    )  # fmt: skip


def _first_output(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = module(x)[0]
    return out


def _attend(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = module(x, x, x, need_weights=False)[0]
    return out


def _sequence_rows() -> tuple[TorchModule, ...]:
    own = "tk.nn.EquivariantAttention or tk.nn.EquivariantTransformerBlock"
    return (
        TorchModule(
            "nn.MultiheadAttention(C, 1, batch_first=True)",
            lambda n, C: nn.MultiheadAttention(C, 1, batch_first=True),
            (nn.MultiheadAttention,), PLAIN,
            "over the points, without positions: every permutation of the points commutes with "
            "it; signs change the scores and the softmax", own, call=_attend,
        ),
        TorchModule(
            "nn.TransformerEncoderLayer(C, 1, batch_first=True)",
            lambda n, C: nn.TransformerEncoderLayer(C, 1, 8, batch_first=True),
            (nn.TransformerEncoderLayer, nn.TransformerEncoder), PLAIN,
            "attention over the points without positions, LayerNorm and Linear over the channels "
            "of each", own,
        ),
        TorchModule(
            "nn.LSTM(C, D, batch_first=True)", lambda n, C: nn.LSTM(C, C, batch_first=True),
            (nn.LSTM, nn.GRU, nn.RNN), NONE,
            "it reads the points one after another in the order of their numbers",
            f"{own}; for sequences in time merge the points with the batch", call=_first_output,
            channels=_no_channels,
        ),
        TorchModule(
            "nn.Embedding(k, C)", lambda n, C: nn.Embedding(7, C), (nn.Embedding,), PLAIN,
            "for labels at the points, which move with them; an embedding of the points' numbers "
            "is not equivariant: use tk.nn.OrbitEmbedding(X, C)", "tk.nn.OrbitEmbedding(X, C)",
            channels=lambda module, C: getattr(module, "embedding_dim"),  # noqa: B009
            call=lambda module, x: module((x[..., 0] > 0).long()),
        ),
    )  # fmt: skip


#: The table. The first row that an instance belongs to is its own.
TORCH_MODULES: tuple[TorchModule, ...] = (
    TorchModule(
        "nn.Identity()", lambda n, C: nn.Identity(), (nn.Identity,), ALL, "it does nothing"
    ),
    *_plain(
        "ReLU", "ReLU6", "RReLU", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish",
        "Softplus", "Sigmoid", "LogSigmoid", "Hardsigmoid", "Hardswish",
    ),
    TorchModule(
        "nn.Threshold(0.1, 0.0)", lambda n, C: nn.Threshold(0.1, 0.0), (nn.Threshold,), PLAIN,
        "a function of one number at each point; not odd", _ODD, is_activation=True,
    ),
    TorchModule(
        "nn.PReLU()", lambda n, C: nn.PReLU(), (nn.PReLU,), PLAIN,
        "a function of one number, the same at all points; not odd", _ODD,
        lambda module, n: getattr(module, "num_parameters") == 1, is_activation=True,  # noqa: B009
    ),
    TorchModule(
        "nn.PReLU(n)", lambda n, C: nn.PReLU(n), (nn.PReLU,), NONE,
        "it treats the second axis, the points, as channels: each point has its own slope",
        "nn.PReLU()",
    ),
    *_odd("Tanh", "Softsign", "Softshrink", "Hardshrink", "Tanhshrink"),
    TorchModule(
        "nn.Hardtanh(-1.0, 1.0)", lambda n, C: nn.Hardtanh(), (nn.Hardtanh,), POINTS,
        "an odd function of one number at each point", _LINEAR,
        lambda module, n: getattr(module, "min_val") == -getattr(module, "max_val"),  # noqa: B009
        is_activation=True,
    ),
    TorchModule(
        "nn.Hardtanh(-1.0, 2.0)", lambda n, C: nn.Hardtanh(-1.0, 2.0), (nn.Hardtanh,), PLAIN,
        "a function of one number at each point; not odd", _ODD, is_activation=True,
    ),
    *_softmax_rows(),
    *_norm_rows(),
    *_dropout_rows(),
    *_linear_rows(),
    *_pooling_rows(),
    *_sequence_rows(),
)  # fmt: skip


def kind_of(X: Module) -> ModuleKind:
    """Return the kind of a module, by the matrices that its generators have.

    A signed module whose signs never occur is a permutation module, and so is a linear module of
    permutation matrices; one of signed permutation matrices is signed. Entries are compared with
    0, 1 and -1 without a tolerance.

    Examples
    --------
    >>> import toolkit as tk
    >>> kind_of(tk.group("S3").natural_module())
    'permutation'
    >>> mirror = tk.group("C2").linear_module([[[-1, 0], [0, 1]]])
    >>> kind_of(mirror), kind_of(tk.group("S3").simple_module("L2"))
    ('signed', 'linear')
    """
    if not X.has_points:
        matrices = np.asarray(X.matrices)
        is_monomial = bool(((matrices != 0).sum(axis=2) == 1).all())
        if not is_monomial or not np.isin(matrices, (0, 1, -1)).all():
            return "linear"
        return "signed" if bool((matrices < 0).any()) else "permutation"
    return "signed" if X.has_signs else "permutation"


def row_of(module: nn.Module, points: int | None = None) -> TorchModule | None:
    """Return the row of the table that a module of torch belongs to, or ``None``.

    Parameters
    ----------
    module
        Any module. One of a user's own class with a ``forward`` of its own belongs to none.
    points
        The number of points of its input, if known.

    Examples
    --------
    >>> row_of(nn.LayerNorm([8, 3])).title
    'nn.LayerNorm([n, C])'
    """
    for row in TORCH_MODULES:
        known = next((kind for kind in row.kinds if isinstance(module, kind)), None)
        if known is None or type(module).forward is not known.forward:
            continue
        if row.applies(module, points):
            return row
    return None


def to_markdown() -> str:
    """Return the table as the documentation shows it.

    Examples
    --------
    >>> print(to_markdown().splitlines()[0])
    | module | permutation | signed | linear | why | instead |
    """
    lines = [
        "| module | permutation | signed | linear | why | instead |",
        "|---|---|---|---|---|---|",
    ]
    for row in TORCH_MODULES:
        marks = ["yes" if kind in row.legal_on else "no" for kind in KINDS]
        lines.append(f"| `{row.title}` | {' | '.join(marks)} | {row.why} | {row.instead or ''} |")
    return "\n".join(lines) + "\n"
