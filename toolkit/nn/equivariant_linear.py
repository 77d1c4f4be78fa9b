"""The equivariant linear layer between two modules of any kind."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import torch
from torch import nn
from torch.compiler import is_compiling

from toolkit.deprecation import deprecated
from toolkit.errors import CheckpointMismatchError, ModuleMismatchError
from toolkit.library import change_of_group
from toolkit.nn.linear.biases import Biases, make_biases
from toolkit.nn.linear.conversions import BlocksToOrbits, Conversion, OrbitsToBlocks
from toolkit.nn.linear.copies import (
    copied_bias,
    copied_blocks,
    copied_vectors,
    copied_weights,
    with_group_changed,
)
from toolkit.nn.linear.cost_model import BATCH, CostEstimate, estimate
from toolkit.nn.linear.hom_space import OrbitalHomSpace, hom_space, require_orbitals
from toolkit.nn.linear.initialisation import (
    INITIALISATIONS,
    Initialisation,
    block_deviations,
    draw_orbit_weights,
)
from toolkit.nn.linear.methods.by_name import METHODS, make_computation, parametrization_of
from toolkit.nn.linear.recipe import (
    make_recipe,
    read_recipe,
    recipe_tensor,
    require_same_recipe,
    warn_of_missing_recipe,
)
from toolkit.nn.linear.sizes import other_size, resized
from toolkit.nn.linear.tensors.inputs import wrong_input
from toolkit.nn.linear.tensors.weights import (
    distributed_as,
    gathered_whole,
    register_weight,
    require_channels,
    require_choice,
    weight_of,
    with_flat_bias,
)
from toolkit.nn.linear.tuning import fastest_method
from toolkit.nn.linear.weighted_map import WeightedMap, result_dtype
from toolkit.nn.linear.whole_matrix import matrix_of_blocks, matrix_of_orbits

if TYPE_CHECKING:
    from toolkit.modules.module import Module
    from toolkit.modules.permutation_module import PermutationModule
    from toolkit.nn.linear.hom_space_base import HomSpace
    from toolkit.nn.linear.methods.by_name import Computation

Method: TypeAlias = Literal[
    "auto", "dense", "structured", "spectral", "fast", "fft", "kronecker", "pooled"
]
Parametrization: TypeAlias = Literal["auto", "orbit", "fourier"]

#: The linear maps from the other parametrisation, by the one they lead to.
_CONVERSIONS: dict[str, type[Conversion]] = {"orbit": BlocksToOrbits, "fourier": OrbitsToBlocks}


class EquivariantLinear(WeightedMap):
    r"""The linear maps from channels of X to channels of Y that commute with G.

    ``y[..., p, o] = sum over q, i of W[p, q, o, i] x[..., q, i] + b[p, o]`` with
    ``W[p^g, q^g] = W[p, q]`` and ``b[p^g] = b[p]`` on points (with signs, for signed modules), and
    ``W rho_X(g) = rho_Y(g) W`` and ``rho_Y(g) b = b`` for modules given by matrices.

    Parameters
    ----------
    X, Y
        Modules of one group: permutation, signed and linear modules, in any combination. A
        permutation module paired with a signed module is treated as signed.
    in_channels, out_channels
        Numbers of channels; 0 is allowed.
    bias
        Whether to add an invariant function on Y: a number per orbit and channel (none for a signed
        module without invariant functions); for a linear module, an invariant vector.
    method
        The method of computation: ``"dense"`` (the gathered matrix), ``"structured"`` (orbital by
        orbital, the largest as a pooled sum), ``"spectral"`` (Fourier basis as a matrix),
        ``"fast"`` (Fourier basis by FFT over an abelian subgroup), ``"fft"`` (FFT over an abelian
        subgroup alone), ``"kronecker"`` (outer products: Fourier bases of the factors),
        ``"pooled"`` (sums over common quotients, such as rows and columns of pairs), or ``"auto"``:
        the cheapest by the cost model that ``print(layer)`` shows. All compute the same function,
        to rounding. With a linear module there are ``"dense"`` and ``"spectral"``.
    parametrization
        ``"orbit"``: a weight per orbital; ``"fourier"``: blocks W_L, simple by simple
        (:mod:`toolkit.nn.linear.blocks`); ``"auto"``: whichever the method uses. Both are tensors
        ``(R, out_channels, in_channels)``, where R is the number of orbitals. With a linear module,
        which has no orbitals, weights are blocks, and R is the dimension of Hom_G(X, Y).
    init
        ``"he"``, ``"lecun"`` or ``"xavier"``, per simple (:mod:`toolkit.nn.linear.initialisation`).
        Biases start at zero.
    batch_hint
        The number of samples that the cost model plans for.
    device, dtype
        As in torch.

    Raises
    ------
    ModuleMismatchError
        If X and Y are not modules of one group, or an input has the wrong shape.
    NotAvailable
        If a Fourier parametrisation or method is requested and the bases are out of reach.

    Notes
    -----
    Input ``(..., |X|, in_channels)``, output ``(..., |Y|, out_channels)``. Sources: the orbitals
    are a basis of the equivariant maps (Wielandt 1964; Ravanbakhsh et al. 2017); Schur's lemma.
    A ``state_dict`` holds ``weight``, ``bias`` and the recipe of what they mean; loading refuses
    weights of another group, module or order of points, and converts the other parametrisation.
    The state of a layer on tuples of m points, with the group S_m, can be loaded into a layer on
    such tuples of n points; the same holds for outer products of such sets. Sums are rescaled so
    that they remain the same means (:class:`~toolkit.nn.ExchangeableLinear`). Its weights must be
    orbit weights, and m must be so large that every orbital occurs. Weights without a recipe are
    accepted with a warning. ``bias`` has one axis, with ``invariant functions x out_channels``
    numbers (:meth:`bias_values`), so that optimisers that select biases by ``p.ndim <= 1``
    recognise it. Biases with two axes, as saved by earlier versions, can still be loaded. In
    ``eval()`` on a CPU the operator that the method computes from the weights is kept from the
    second call on, as long as the weights do not change (:mod:`toolkit.nn.linear.kept`). Elsewhere
    it is kept within :func:`toolkit.nn.prepared`.

    Examples
    --------
    >>> import torch, toolkit as tk
    >>> X = tk.group("C8").regular_module()
    >>> layer = tk.nn.EquivariantLinear(X, X, 16, 32)
    >>> layer(torch.zeros(5, 8, 16)).shape, layer.parameters_count(), layer.dense_parameters_count()
    (torch.Size([5, 8, 32]), 4128, 33024)

    From vectors in space to numbers at the six faces of a cube, under the symmetries of the cube:

    >>> faces = torch.cat([torch.eye(3), -torch.eye(3)])
    >>> G = tk.group_from_points(faces.long().tolist())
    >>> layer = tk.nn.EquivariantLinear(G.space_module(), G.natural_module(), 2, 4)
    >>> layer(torch.zeros(5, 3, 2)).shape, layer.hom_space.count
    (torch.Size([5, 6, 4]), 1)
    """

    bias: torch.Tensor | None
    invariants: Biases

    def __init__(
        self,
        X: Module,
        Y: Module,
        in_channels: int,
        out_channels: int,
        bias: bool = True,
        method: Method = "auto",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        parametrization: Parametrization = "auto",
        init: Initialisation = "he",
        batch_hint: int = BATCH,
    ) -> None:
        where = None if device is None else torch.device(device)
        super().__init__()
        require_choice("method", method, ("auto", *METHODS))
        require_choice("parametrization", parametrization, ("auto", "orbit", "fourier"))
        require_choice("init", init, INITIALISATIONS)
        if dtype is not None and not dtype.is_floating_point:
            raise ModuleMismatchError(f"weights are real numbers, not {dtype}: use a float type")
        if batch_hint < 1:
            raise ModuleMismatchError(f"batch_hint must be at least 1, not {batch_hint}")
        require_channels(in_channels, out_channels)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.init, self.batch_hint = init, batch_hint
        self.hom_space: HomSpace = hom_space(X, Y)
        if parametrization == "orbit":
            require_orbitals(self.hom_space, 'parametrization="orbit"', 'use "fourier" or "auto"')
        self._estimate: CostEstimate | None = None
        if method == "auto":
            method = "dense" if self.is_zero else self.estimate().best  # type: ignore[assignment]
        if parametrization == "auto":
            parametrization = parametrization_of(method, self.hom_space)  # type: ignore[assignment]
        self.parametrization: str = parametrization
        self.recipe = make_recipe(self.hom_space, parametrization)
        size = (self.hom_space.count, out_channels, in_channels)
        register_weight(self, "weight", size, device=where, dtype=dtype)
        if bias:
            count = self.hom_space.bias_count
            # one axis, as biases have it: what tells weights from biases by their axes is right
            register_weight(self, "bias", (count * out_channels,), device=where, dtype=dtype)
            self.keep("invariants", make_biases(self.hom_space, where, dtype))
        else:
            self.register_parameter("bias", None)
        self.set_method(method)
        self.reset_parameters()

    # -- modules and sizes ---------------------------------------------------------------------

    @property
    def X(self) -> Module:
        """The module of the input."""
        return self.hom_space.X

    @property
    def Y(self) -> Module:
        """The module of the output."""
        return self.hom_space.Y

    @property
    @deprecated("EquivariantLinear.geometry is now EquivariantLinear.hom_space")
    def geometry(self) -> HomSpace:
        """The old name of ``hom_space``."""
        return self.hom_space

    @property
    @deprecated("EquivariantLinear.path is now EquivariantLinear.computation")
    def path(self) -> Computation | None:
        """The old name of ``computation``."""
        return self.computation

    @property
    def is_zero(self) -> bool:
        """Whether there are no weights: no common simple, or no channels."""
        return self.hom_space.count * self.in_channels * self.out_channels == 0

    def parameters_count(self) -> int:
        """Return the number of weights and biases."""
        return sum(p.numel() for p in self.parameters())

    def dense_parameters_count(self) -> int:
        """Return the number of weights and biases of a dense layer of this size."""
        m, n = self.hom_space.shape
        out = m * self.out_channels
        return out * (n * self.in_channels + (self.bias is not None))

    def extra_repr(self) -> str:
        """Describe the modules, the channels, the method and the cost of every method."""
        m, n = self.hom_space.shape
        lines = [
            f"{self.X.name} -> {self.Y.name} of {self.X.group_title}, ({n}, {self.in_channels}) -> "
            f"({m}, {self.out_channels}), bias={self.bias is not None}",
            f"weights={self.hom_space.count} x channels, method={self.method!r}, "
            f"parametrization={self.parametrization!r}",
        ]
        if self._estimate is not None:
            lines.append(f"estimate for batch {self._estimate.batch}: {self._estimate}")
        return "\n".join(lines)

    # -- computation ---------------------------------------------------------------------------

    def estimate(self) -> CostEstimate:
        """Return the estimated cost of each method (:mod:`toolkit.nn.linear.cost_model`)."""
        if self._estimate is None:
            self._estimate = estimate(
                self.hom_space, self.out_channels, self.in_channels, self.batch_hint
            )
        return self._estimate

    def set_method(self, method: str) -> None:
        """Change the method of computation; the weights are kept.

        Parameters
        ----------
        method
            One of ``"dense"``, ``"structured"``, ``"spectral"``, ``"fast"``, ``"fft"``,
            ``"kronecker"``, ``"pooled"``.

        Raises
        ------
        NotAvailable
            If it requires Fourier bases that are out of reach; the method is then unchanged.
        ModuleMismatchError
            If it does not apply to these modules; the method is then unchanged.
        """
        require_choice("method", method, METHODS)
        computation = conversion = None
        if not self.is_zero:
            place = (self.weight.device, self.weight.dtype)
            computation = make_computation(method, self.hom_space, *place)
            parametrization = parametrization_of(method, self.hom_space)
            if parametrization != self.parametrization:
                conversion = _CONVERSIONS[parametrization](self.hom_space, *place)
        self.forget_operator()
        self.keep("computation", computation)
        self.keep("conversion", conversion)
        self.method: str = method

    def tune(self, x: torch.Tensor, methods: tuple[str, ...] = METHODS) -> dict[str, float]:
        """Time the methods on an input, select the fastest, and return the milliseconds of each.

        Parameters
        ----------
        x
            ``(..., |X|, in_channels)`` an input of the usual size.
        methods
            The methods to try; methods that are out of reach or too large are skipped.

        Notes
        -----
        The median of five forward passes without gradients, each of which prepares the weights.
        """
        return fastest_method(self, x, methods)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(..., |Y|, out_channels)`` for ``x`` of shape ``(..., |X|, in_channels)``."""
        if not is_compiling():
            quick = self._quickly(x)
            if quick is not None:
                return quick
        m, n = self.hom_space.shape
        if x.dim() < 2 or x.shape[-2] != n or x.shape[-1] != self.in_channels:
            raise wrong_input(x, self.X, self.in_channels)
        is_zero = self.is_zero
        held = weight_of(self) if is_zero else self.weight
        dtype = result_dtype(x, held)
        if held is not None:
            self.follow(held)
        if is_zero:
            nothing = x[..., :0, :].sum().to(dtype)  # with a gradient
            y = nothing.expand(*x.shape[:-2], m, self.out_channels)
        else:
            own = self.bias_values() if self._computation_adds_bias else None
            added = {} if own is None else {"bias": own}
            y = self._applied(x, self.weight, m, **added).to(dtype)
            if added:
                return y
        if self.bias is not None and self.bias.numel():
            y = y + self.invariants.read(self.bias).to(dtype)
        return y

    @property
    def _computation_adds_bias(self) -> bool:
        return self.computation is not None and self.computation.takes_bias

    # -- weights -------------------------------------------------------------------------------

    def reset_parameters(self) -> None:
        """Draw weights that keep the variance of every simple; set biases to zero."""
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        if self.is_zero or self.weight.is_meta:
            return
        shape = (self.out_channels, self.in_channels)
        host = torch.device("cpu")  # drawn there: a seed gives the same weights on every device
        with torch.no_grad(), host:
            if isinstance(self.hom_space, OrbitalHomSpace) and self.parametrization == "orbit":
                self.weight.copy_(draw_orbit_weights(self.hom_space, *shape, self.init))
            else:
                noise = torch.randn(self.weight.shape, dtype=torch.float64)
                self.weight.copy_(
                    noise * block_deviations(self.hom_space.blocks, *shape, self.init)
                )

    def _converted(self, weight: torch.Tensor, parametrization: str) -> torch.Tensor:
        """Return weights of the other parametrisation in this one, in float64 on the host."""
        host = torch.device("cpu")  # not every device knows float64
        wide = gathered_whole(weight).to(host, torch.float64)
        if not self.is_zero:
            wide = _CONVERSIONS[parametrization](self.hom_space, host, torch.float64)(wide)
        return distributed_as(weight, wide)

    def bias_values(self) -> torch.Tensor | None:
        """Return ``bias`` as a view ``(invariant functions, out_channels)``; ``None`` without it.

        Row i belongs to the points p with ``hom_space.invariants[0][p] == i``.
        """
        if self.bias is None:
            return None
        return self.bias.reshape(self.hom_space.bias_count, self.out_channels)

    def orbit_weights(self) -> torch.Tensor:
        """Return ``(R, out_channels, in_channels)`` weights by orbital, detached.

        Orbitals are numbered as by :func:`toolkit.orbitals`.

        Raises
        ------
        ModuleMismatchError
            If a module is linear: it has only Fourier blocks.
        """
        require_orbitals(self.hom_space, "a weight by orbital", "use .fourier_blocks()")
        if self.parametrization == "orbit":
            return self.weight.detach().clone()
        return self._converted(self.weight.detach(), "orbit").to(self.weight)

    def fourier_blocks(self) -> dict[str, torch.Tensor]:
        """Return the block ``(dim D, m_L(Y), m_L(X), out_channels, in_channels)`` of each simple.

        The first axis holds the components over 1, i, j, k of D = End(L). Detached.
        """
        weight = self.weight.detach()
        if self.parametrization == "orbit":
            weight = self._converted(weight, "fourier").to(weight)
        out: dict[str, torch.Tensor] = {}
        for shape in self.hom_space.blocks.shapes:
            size = (len(shape.labels), shape.ends, shape.target, shape.source, *weight.shape[1:])
            out.update(zip(shape.labels, weight[shape.weight_slice].reshape(size), strict=True))
        return out

    def set_weights(self, weight: torch.Tensor, parametrization: str = "orbit") -> None:
        """Set the weights from either parametrisation, ``(R, out_channels, in_channels)``.

        Raises
        ------
        ModuleMismatchError
            If the weights have the wrong shape, or the modules have no orbitals.
        """
        require_choice("parametrization", parametrization, ("orbit", "fourier"))
        if parametrization == "orbit":
            require_orbitals(self.hom_space, 'parametrization="orbit"', 'use "fourier"')
        if weight.shape != self.weight.shape:
            raise ModuleMismatchError(
                f"weights must have shape {tuple(self.weight.shape)}, found {tuple(weight.shape)}"
            )
        if parametrization != self.parametrization:
            weight = self._converted(weight.detach(), self.parametrization)
        with torch.no_grad():
            self.weight.copy_(weight)

    def matrix(self, detach: bool = True) -> torch.Tensor:
        """Return ``(|Y|, out_channels, |X|, in_channels)``: the whole matrix.

        Parameters
        ----------
        detach
            Whether to detach the matrix. With ``False`` it is a differentiable function of
            ``weight``, for example for a penalty.
        """
        m, n = self.hom_space.shape
        if self.is_zero:
            return self.weight.new_zeros(m, self.out_channels, n, self.in_channels)
        weight = self.weight.detach() if detach else self.weight
        if not isinstance(self.hom_space, OrbitalHomSpace):
            return matrix_of_blocks(self.hom_space, weight)
        if self.parametrization == "fourier":
            weight = self._converted(weight, "orbit").to(weight)
        return matrix_of_orbits(self.hom_space, weight)

    def _constant(self) -> torch.Tensor:
        """Return the invariant element that the bias adds, ``(|Y|, out_channels)``, detached."""
        size = self.hom_space.shape[0], self.out_channels
        bias = self.bias_values()
        if bias is None or not bias.numel():
            return self.weight.new_zeros(size)
        return self.invariants.read(bias.detach()).expand(size)

    def to_dense(self) -> nn.Linear:
        """Return the same map as a plain layer on flattened inputs: ``|X| in`` to ``|Y| out``.

        Flattening orders by points, then by channels: ``x.flatten(-2)``.
        """
        m, n = self.hom_space.shape
        size = (n * self.in_channels, m * self.out_channels)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Initializing zero-element tensors")
            linear: nn.Linear = nn.utils.skip_init(  # type: ignore[no-untyped-call]
                nn.Linear,
                *size,
                bias=self.bias is not None,
                device=self.weight.device,
                dtype=self.weight.dtype,
            )
        with torch.no_grad():
            linear.weight.copy_(self.matrix().reshape(size[1], size[0]))
            if self.bias is not None:
                linear.bias.copy_(self._constant().reshape(-1))
        return linear

    # -- checkpoints ---------------------------------------------------------------------------

    def get_extra_state(self) -> torch.Tensor:
        """Return the recipe of the weights (:mod:`toolkit.nn.linear.recipe`)."""
        return recipe_tensor(self.recipe)

    def set_extra_state(self, state: Any) -> None:  # noqa: ANN401 - torch's own signature
        """Check the recipe of loaded weights, which have been converted if necessary.

        Raises
        ------
        CheckpointMismatchError
            If they belong to another group, module or order of points.
        """
        found = read_recipe(state)
        require_same_recipe(self.recipe, found)
        if found["parametrization"] != self.parametrization:
            raise CheckpointMismatchError(
                f"weights with parametrization={self.parametrization!r}",
                f"{found['parametrization']!r}, under a name that is not converted",
            )

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        *args: Any,  # noqa: ANN401 - torch's own
    ) -> None:
        """Refuse weights of another recipe; convert those of another parametrisation or size."""
        state = state_dict.get(prefix + "_extra_state")
        name = prefix + "weight"
        state_dict = with_flat_bias(state_dict, prefix + "bias", self.bias_values())
        if state is None and name in state_dict:
            warn_of_missing_recipe()
        if state is not None:
            found = read_recipe(state)
            other = other_size(self.recipe, found, self.hom_space)
            if other is not None:
                state_dict = resized(state_dict, prefix, other, self.hom_space)
                found = {**self.recipe, "parametrization": "orbit"}
                state_dict[prefix + "_extra_state"] = self.get_extra_state()
            require_same_recipe(self.recipe, found)
            # without a weight: that of a layer with two names, stored under one of them
            is_own = "weight" in self._parameters or "weight" in self._buffers
            if found["parametrization"] != self.parametrization and is_own:
                weight = state_dict.get(name, self.weight)
                if name in state_dict and weight.shape == self.weight.shape:  # else torch says so
                    weight = self._converted(weight.detach(), self.parametrization)
                    if local_metadata.get("assign_to_params_buffers", False):
                        weight = weight.to(state_dict[name])
                state_dict = {**state_dict, prefix + "_extra_state": self.get_extra_state()}
                if name in state_dict:
                    state_dict[name] = weight
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)
        held = weight_of(self)
        if held is not None:  # an assigned weight may be elsewhere
            for part in self.parts():
                part.place(held.device, held.dtype)

    # -- change of group -----------------------------------------------------------------------

    def restrict(self, subgroup: Any) -> EquivariantLinear:  # noqa: ANN401 - as in coset_module
        """Return the same function as a layer of a subgroup, which has more weights to train.

        Parameters
        ----------
        subgroup
            A class, a label (``"H4a"``) or generators, as for :meth:`toolkit.Group.coset_module`.
        """

        def restricted(module: PermutationModule) -> PermutationModule:
            return change_of_group.restrict(module, subgroup)

        X = with_group_changed(self.X, restricted)
        Y = X if self.Y is self.X else with_group_changed(self.Y, restricted)
        return self.copied_between(X, Y)

    def copied_between(self, X: Module, Y: Module) -> EquivariantLinear:
        """Return the layer X -> Y that consists of copies of this one, as a block diagonal.

        Parameters
        ----------
        X, Y
            Modules whose points are consecutive copies of the points of this layer's modules, such
            that the function commutes with their group.

        Returns
        -------
        EquivariantLinear
            A layer with the same channels, initialisation, device and dtype, and the method that is
            cheapest for X and Y. Weights between different copies are 0 and can be trained.
        """
        new = EquivariantLinear(
            X,
            Y,
            self.in_channels,
            self.out_channels,
            self.bias is not None,
            "auto",
            self.weight.device,
            self.weight.dtype,
            init=self.init,
            batch_hint=self.batch_hint,
        )
        own, space = self.hom_space, new.hom_space
        bias = self.bias_values()
        if isinstance(own, OrbitalHomSpace) and isinstance(space, OrbitalHomSpace):
            new.set_weights(copied_weights(own, space, self.orbit_weights()))
            bias = None if bias is None else copied_bias(own, space, bias)
        else:
            new.set_weights(copied_blocks(space, self.matrix()), "fourier")
            bias = None if bias is None else copied_vectors(space, self._constant())
        if self.bias is not None and bias is not None and new.bias is not None:
            with torch.no_grad():
                new.bias.copy_(bias.flatten())
            new.bias.requires_grad_(self.bias.requires_grad)
        new.weight.requires_grad_(self.weight.requires_grad)
        return new.train(self.training)
