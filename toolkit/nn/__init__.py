"""Equivariant torch layers between modules of any kind: permutation, signed and linear ones.

Linear layers: :class:`EquivariantLinear` for any module of any group, :class:`DeepSetsLinear`,
:class:`ExchangeableLinear`, :func:`periodic_convolution`, :func:`graph_layer`. Around them:
:class:`Pointwise`, pooling and its pull-back, normalisations (:mod:`toolkit.nn.normalisation`),
:class:`EquivariantDropout`; on vectors :class:`NormActivation`, :class:`Gated`, :class:`Frame`,
:class:`InvariantNorms`. Elements of a group move data by :func:`act`. Networks:
:class:`Sequential`, :class:`Residual`, :class:`Concat`, :class:`EquivariantMLP`,
:class:`DeepSets`. Over a grid: :class:`GroupConvolution` with a
:class:`Window`, :class:`EquivariantCNN`. Attention: :class:`EquivariantAttention`,
:class:`TokenAttention`, :class:`EquivariantTransformerBlock`, with :class:`OrbitEmbedding` and
:class:`OrbitLinear`. From one group to another:
:func:`restricted_layer`, :func:`induced_layer`, :func:`inflated_layer`. From files:
:func:`from_state`, :func:`module_to_json`, :func:`module_from_json`; with checksums, so that a
changed bit is noticed: :func:`save`, :func:`load`, :func:`file_checksum`.
"""

from __future__ import annotations

from toolkit.nn.acting import act
from toolkit.nn.activation import Pointwise
from toolkit.nn.attention.over_points import EquivariantAttention
from toolkit.nn.attention.over_tokens import TokenAttention
from toolkit.nn.attention.transformer_block import EquivariantTransformerBlock
from toolkit.nn.change_of_group import induced_layer, inflated_layer, restricted_layer
from toolkit.nn.containers import Concat, Residual, Sequential
from toolkit.nn.convolution.convolution import GroupConvolution
from toolkit.nn.convolution.fields import (
    GridPooling,
    Gridwise,
    Pixelwise,
    fields_to_points,
    points_to_fields,
)
from toolkit.nn.convolution.grid_action import grid_matrices
from toolkit.nn.convolution.network import EquivariantCNN
from toolkit.nn.convolution.transposed import GroupConvolutionTranspose
from toolkit.nn.convolution.window import Window, square_window
from toolkit.nn.deep_sets import DeepSets, DeepSetsLinear
from toolkit.nn.dropout import EquivariantDropout
from toolkit.nn.equivariant_linear import EquivariantLinear
from toolkit.nn.exchangeable import ExchangeableLinear
from toolkit.nn.files import FileChecksum, file_checksum, load, save
from toolkit.nn.from_map import projected_layer
from toolkit.nn.graph_layers import graph_layer, graph_module
from toolkit.nn.hub import module_from_json, module_to_json
from toolkit.nn.linear.prepared import prepared
from toolkit.nn.mlp import EquivariantMLP
from toolkit.nn.normalisation.batch_norm import EquivariantBatchNorm
from toolkit.nn.normalisation.channel_norms import ChannelLayerNorm, ChannelRMSNorm
from toolkit.nn.normalisation.sample_norms import (
    EquivariantGroupNorm,
    EquivariantLayerNorm,
    EquivariantRMSNorm,
    SimpleNorm,
)
from toolkit.nn.orbit_layers import OrbitEmbedding, OrbitLinear
from toolkit.nn.periodic import (
    WindowedConvolution,
    images_to_points,
    periodic_convolution,
    periodic_module,
    points_to_images,
)
from toolkit.nn.pooling import (
    EquivariantPooling,
    EquivariantUnpooling,
    InvariantPooling,
    equivariant_point_map,
)
from toolkit.nn.rebuilding import from_state
from toolkit.nn.vectors.frame import Frame, FrameMap
from toolkit.nn.vectors.gated import Gated
from toolkit.nn.vectors.invariant_norms import InvariantNorms
from toolkit.nn.vectors.norm_activation import NormActivation

__all__ = [
    "ChannelLayerNorm",
    "ChannelRMSNorm",
    "Concat",
    "DeepSets",
    "DeepSetsLinear",
    "EquivariantAttention",
    "EquivariantBatchNorm",
    "EquivariantCNN",
    "EquivariantDropout",
    "EquivariantGroupNorm",
    "EquivariantLayerNorm",
    "EquivariantLinear",
    "EquivariantMLP",
    "EquivariantPooling",
    "EquivariantRMSNorm",
    "EquivariantTransformerBlock",
    "EquivariantUnpooling",
    "ExchangeableLinear",
    "FileChecksum",
    "Frame",
    "FrameMap",
    "Gated",
    "GridPooling",
    "Gridwise",
    "GroupConvolution",
    "GroupConvolutionTranspose",
    "InvariantNorms",
    "InvariantPooling",
    "NormActivation",
    "OrbitEmbedding",
    "OrbitLinear",
    "Pixelwise",
    "Pointwise",
    "Residual",
    "Sequential",
    "SimpleNorm",
    "TokenAttention",
    "Window",
    "WindowedConvolution",
    "act",
    "equivariant_point_map",
    "fields_to_points",
    "file_checksum",
    "from_state",
    "graph_layer",
    "graph_module",
    "grid_matrices",
    "images_to_points",
    "induced_layer",
    "inflated_layer",
    "load",
    "module_from_json",
    "module_to_json",
    "periodic_convolution",
    "periodic_module",
    "points_to_fields",
    "points_to_images",
    "prepared",
    "projected_layer",
    "restricted_layer",
    "save",
    "square_window",
]
