"""Models run by onnxruntime, and compared with torch."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch.export import Dim

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


class Runner:
    """A model in onnxruntime."""

    def __init__(self, model: nn.Module, x: torch.Tensor) -> None:
        with warnings.catch_warnings():
            # the exporter's own libraries use what others deprecate
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", FutureWarning)
            program = torch.onnx.export(
                model.eval(),
                (x,),
                dynamo=True,
                dynamic_shapes=({0: Dim("batch")},),
                verbose=False,
            )
        assert program is not None
        self.operators = {node.op_type for node in program.model.graph}
        self.session = onnxruntime.InferenceSession(
            program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
        )

    def __call__(self, x: torch.Tensor) -> NDArray[np.float32]:
        (name,) = [i.name for i in self.session.get_inputs()]
        return self.session.run(None, {name: x.numpy()})[0]


def check(model: nn.Module, runner: Runner, x: torch.Tensor) -> None:
    with torch.no_grad():
        expected = model.double()(x.double()).numpy()
    model.float()
    found = runner(x)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5 * max(1, np.abs(expected).max())
