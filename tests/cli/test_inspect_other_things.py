"""Group tasks, symmetries and models of Python files, from the command line."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

import toolkit as tk
from toolkit.cli.console import UsageError
from toolkit.cli.inspection.files import assigned, chosen_tensor, numbers

NET = """
import torch
import toolkit as tk
import beside

print("this goes to standard error")
X = tk.group("C4").regular_module()


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.one = tk.nn.EquivariantLinear(X, X, 1, 3, bias=False)
        self.two = tk.nn.EquivariantLinear(X, X, 3, 1, bias=False)

    def forward(self, x):
        return self.two(torch.relu(self.one(x))) + x


def make():
    torch.manual_seed(beside.SEED)
    return Net()


class Broken(Net):
    def forward(self, x):
        return super().forward(x) * torch.arange(4.0, dtype=x.dtype)[:, None]


class Two(Net):
    def forward(self, x, y):
        return torch.relu(self.one(x)) * self.one(y)


net, broken, number = make(), Broken(), 5


def raising():
    raise ValueError("of\\ntwo lines")
"""


@pytest.fixture
def net_file(tmp_path):
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "beside.py").write_text("SEED = 3\n")
    return tmp_path / "net.py"


@pytest.fixture
def data_file(tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(9, 4, 1)))
    return tmp_path / "x.npy"


def refused(run, words, *argv):
    outcome = run("inspect", *map(str, argv))
    assert (outcome.status, outcome.out) == (2, "")
    said = [x for x in outcome.err.splitlines() if "standard error" not in x]
    assert len(said) == 1, outcome.err
    assert words in said[0], outcome.err


def answer(run, *argv):
    outcome = run("inspect", *map(str, argv), "--json")
    assert outcome.status == 0, outcome.err
    assert outcome.out.count("\n") == 1
    return json.loads(outcome.out)


# -- group tasks -----------------------------------------------------------------------------------


def task_state():
    torch.manual_seed(1)
    return {
        "embed": torch.randn(6, 5),
        "hidden.weight": torch.randn(7, 10),
        "out": torch.randn(7, 6),
        "hidden.bias": torch.randn(7),
    }


SITES = (
    *("--table", "left=embed", "--table", "right=embed", "--table", "output=out.T"),
    *("--weights", "left=hidden.weight[:,:5]", "--weights", "right=hidden.weight[:,5:]"),
)


@pytest.mark.gap
def test_a_group_task_with_ablation(plrep_gap, tmp_path):
    state, path = task_state(), tmp_path / "net.pt"
    torch.save(state, path)
    G, W = tk.group("S3"), state["hidden.weight"]
    tables = {"left": state["embed"], "right": state["embed"], "output": state["out"].T}
    expected = tk.interpret.group_task_report(
        G, tables, {"left": W[:, :5], "right": W[:, 5:]}, controls=20, seed=4
    )
    argv = (path, "--task", "S3", *SITES, "--controls", 20, "--seed", 4, "--output", tmp_path,
            "--ablate", "--bias", "hidden.bias")  # fmt: skip
    found = answer(plrep_gap, *argv)
    assert found["report"] == json.loads(json.dumps(expected.state()))
    assert found["weights"] == {"left": "hidden.weight[:,:5]", "right": "hidden.weight[:,5:]"}
    assert (tmp_path / "net_task.png").read_bytes().startswith(b"\x89PNG")
    functions = {
        "left": (state["embed"] @ W[:, :5].T).double(),
        "right": (state["embed"] @ W[:, 5:].T).double(),
        "output": state["out"].T.double(),
    }
    product = np.array([[0] * 6] * 6)
    images = G.regular_module().elements.images(G.regular_module())
    for x in range(6):
        for y in range(6):
            product[x, y] = images[y, x]
    hidden = torch.relu(
        functions["left"][:, None] + functions["right"][None] + state["hidden.bias"].double()
    )
    logits = hidden @ functions["output"].T
    loss = torch.nn.functional.cross_entropy(
        logits.reshape(36, 6), torch.from_numpy(product).reshape(36)
    )
    assert found["ablation"]["loss"] == pytest.approx(float(loss), rel=1e-5)
    page = plrep_gap("inspect", *map(str, argv), "--no-pictures").out
    assert "Group task on S3, order 6" in page
    assert "Simples removed from left, right, output" in page


@pytest.mark.gap
def test_the_order_of_the_rows(plrep_gap, tmp_path):
    """A table in another order, given by products or by permutations, gives the same report."""
    G = tk.group("S3")
    natural = G.regular_module().elements.images(G.natural_module())
    table, rng = torch.randn(6, 3, dtype=torch.float64), np.random.default_rng(2)
    order = rng.permutation(6)
    torch.save({"a": table, "b": table[order]}, tmp_path / "net.pt")
    np.savetxt(tmp_path / "elements.csv", natural[order], fmt="%d", delimiter=",")
    images = G.regular_module().elements.images(G.regular_module())
    place = np.argsort(order)
    products = [[int(place[images[order[y], order[x]]]) for y in range(6)] for x in range(6)]
    np.save(tmp_path / "products.npy", np.array(products))
    base = (tmp_path / "net.pt", "--task", "S3", "--no-pictures", "--controls", 0)
    plain = answer(plrep_gap, *base, "--table", "site=a")["report"]
    for option, name in (("--elements", "elements.csv"), ("--order", "products.npy")):
        found = answer(plrep_gap, *base, "--table", "site=b", option, tmp_path / name)["report"]
        shares = [s["share"] for s in found["sites"][0]["simples"]]
        assert shares == pytest.approx([s["share"] for s in plain["sites"][0]["simples"]])
    found = answer(plrep_gap, *base, "--no-coset-scores", "--table", "points=a[:3]", "--cosets",
                   "points=H2a")  # fmt: skip
    assert found["report"]["sites"][0]["module"] == "cosets of H2a"
    assert found["report"]["sites"][0]["coset_shares"] == {}


def test_bad_group_tasks(plrep, tmp_path):
    path = tmp_path / "net.pt"
    torch.save(task_state(), path)
    base = (path, "--no-pictures", "--task", "S3")
    refused(plrep, "needs --table", *base)
    refused(plrep, "NAME=VALUE", *base, "--table", "embed")
    refused(plrep, "twice", *base, "--table", "a=embed", "--table", "a=embed")
    refused(plrep, "no tensor 'e'", *base, "--table", "a=e")
    refused(plrep, "slices", *base, "--table", "a=embed[1]")
    refused(plrep, "two axes", *base, "--table", "a=hidden.bias.T")
    refused(plrep, "no site 'b'", *base, "--table", "a=embed", "--weights", "b=out")
    refused(plrep, "sites left, right and output", *base, "--table", "a=embed", "--ablate")
    refused(plrep, "add --ablate", *base, "--table", "a=embed", "--bias", "hidden.bias")
    refused(plrep, "exclude", *base, "--table", "a=embed", "--order", "x", "--elements", "y")
    refused(plrep, "there is no file", *base, "--table", "a=embed", "--order", tmp_path / "x.pt")
    refused(plrep, "at least 0", *base, "--table", "a=embed", "--controls", "-1")
    (tmp_path / "x.csv").write_text("0.5,1\n1,0\n")
    refused(plrep, "integers", *base, "--table", "a=embed", "--order", tmp_path / "x.csv")


# -- symmetry --------------------------------------------------------------------------------------


@pytest.mark.gap
def test_symmetry_of_a_matrix_and_of_points(plrep_gap, tmp_path):
    (tmp_path / "square.csv").write_text("0,1,0,1\n1,0,1,0\n0,1,0,1\n1,0,1,0\n")
    found = answer(plrep_gap, tmp_path / "square.csv", "--symmetry", "matrix")
    assert (found["symmetry"]["order"], found["symmetry"]["exact"]) == ("8", True)
    assert found["pictures"] == []  # nothing but exact comparisons
    np.save(tmp_path / "points.npy", np.array([[1.0, 0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]]))
    argv = (tmp_path / "points.npy", "--symmetry", "points", "--output", tmp_path)
    found = answer(plrep_gap, *argv)
    assert found["symmetry"]["order"] == "6"
    assert (tmp_path / "points_symmetry.png").exists()


@pytest.mark.gap
def test_symmetry_of_a_layer(plrep_gap, tmp_path):
    torch.manual_seed(0)
    W = torch.randn(3, 3)
    W = sum(W.roll((i, i), (0, 1)) for i in range(3)) + 1e-4 * torch.randn(3, 3)
    torch.save({"state_dict": {"fc.weight": W, "fc.bias": torch.ones(3)}}, tmp_path / "net.pt")
    argv = (tmp_path / "net.pt", "--symmetry", "layer", "--tensor", "fc.weight", "--bias",
            "fc.bias", "--tolerance", "0.01", "--no-pictures")  # fmt: skip
    found = answer(plrep_gap, *argv)
    expected = tk.find_symmetry(W, kind="layer", bias=torch.ones(3), tol=0.01)
    assert found["symmetry"] == json.loads(json.dumps(expected.to_json()))
    assert found["averaged"] == expected.averaged.tolist()
    page = plrep_gap("inspect", *map(str, argv)).out
    assert "order 3" in page
    assert max(map(len, page.splitlines())) <= 100


def test_bad_symmetries(plrep, tmp_path):
    torch.save({"a": torch.ones(2), "b": torch.ones(2)}, tmp_path / "two.pt")
    (tmp_path / "words.csv").write_text("1,2\n3,four\n")
    (tmp_path / "rows.csv").write_text("1,2\n3\n")
    (tmp_path / "ok.csv").write_text("1,2\n2,1\n")
    np.save(tmp_path / "words.npy", np.array(["a"]))
    quiet = ("--no-pictures", "--symmetry", "matrix")
    refused(plrep, "choose one with --tensor", tmp_path / "two.pt", *quiet)
    refused(plrep, "no tensor 'c'", tmp_path / "two.pt", *quiet, "--tensor", "c")
    refused(plrep, "'four' in line 2, cell 2", tmp_path / "words.csv", *quiet)
    refused(plrep, "rows of one length", tmp_path / "rows.csv", *quiet)
    refused(plrep, "real numbers", tmp_path / "words.npy", *quiet)
    refused(plrep, "there is no file", tmp_path / "none.csv", *quiet)
    refused(plrep, "--tensor needs a file", tmp_path / "ok.csv", *quiet, "--tensor", "a")
    refused(plrep, "--symmetry layer", tmp_path / "ok.csv", *quiet, "--shuffles", "3")
    layer = ("--no-pictures", "--symmetry", "layer", "--bias", "b")
    refused(plrep, "contains only one table", tmp_path / "ok.csv", *layer)


def test_numbers_and_names(tmp_path):
    (tmp_path / "x.csv").write_text("1,1/3,\n0.5,-2,3\n".replace(",\n", ",7\n"))
    assert numbers(tmp_path / "x.csv") == [[1, Fraction(1, 3), 7], [0.5, -2, 3]]
    state = {"w.T": torch.zeros(1), "w": torch.arange(6).reshape(2, 3)}
    assert chosen_tensor(state, "w.T").shape == (1,)  # the name as it is comes first
    assert chosen_tensor(state, "w[-1:]").tolist() == [[3, 4, 5]]
    assert assigned(["a = b=c"], "--x") == {"a": "b=c"}
    with pytest.raises(UsageError, match="up to 2 slices"):
        chosen_tensor(state, "w[:,:,:]")


# -- models ----------------------------------------------------------------------------------------


@pytest.mark.gap
@pytest.mark.slow
def test_a_model_of_a_python_file(plrep_gap, net_file, data_file, tmp_path):
    argv = ("--model", f"{net_file}:make", "--data", data_file, "--group", "C4",
            "--input-module", "regular", "--output", tmp_path)  # fmt: skip
    found = answer(plrep_gap, *argv)
    assert found["zeros"]["results"] == ["add"]
    assert found["zeros"]["stages"][-1]["possible"] == ["L0", "L1", "L2"]
    assert found["audit"]["is_equivariant"] is True
    assert [p["when"] for p in found["spectra"]["places"]] == ["input", "before", "after", "output"]
    assert {e["kind"] for e in found["flow"]["edges"]} == {"activation", "linear", "other"}
    assert found["notes"] == []
    assert [p.rpartition("_")[2] for p in found["pictures"]] == [
        "zeros.png",
        "flow.png",
        "graph.png",
        "audit.png",
    ]
    assert all(Path(picture).read_bytes().startswith(b"\x89PNG") for picture in found["pictures"])
    page = plrep_gap("inspect", *map(str, argv), "--no-pictures", "--show", "audit, zeros")
    assert "this goes to standard error" in page.err
    assert page.out.index("exactly zero") < page.out.index("Under C4 the model is equivariant")
    assert "if Gaussian" not in page.out


@pytest.mark.gap
def test_an_audit_of_images(plrep_gap, tmp_path):
    (tmp_path / "cnn.py").write_text("import torch\nnet = torch.nn.Conv2d(2, 1, 3, padding=1)\n")
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(3, 2, 4, 4)))
    argv = ("--model", f"{tmp_path / 'cnn.py'}:net", "--group", "C4", "--images", "4x4",
            "--data", tmp_path / "x.npy")  # fmt: skip
    found = answer(plrep_gap, *argv, "--show", "audit", "--output", tmp_path)
    assert found["audit"]["is_equivariant"] is False
    assert found["audit"]["first_break"] == ""
    assert found["audit"]["projected"]["error"] < 1e-12
    assert found["pictures"] == [str(tmp_path / "cnn_audit.png")]
    refused(plrep_gap, "such as 28x28", *argv[:4], "--images", "4", "--show", "audit")
    refused(plrep_gap, "drop --input-module", *argv[:6], "--input-module", "regular")


@pytest.mark.gap
def test_sources_weights_and_a_broken_model(plrep_gap, net_file, tmp_path):
    found = answer(plrep_gap, "--model", f"{net_file}:net", "--sources", "L1", "--no-pictures")
    assert found["zeros"]["stages"][1]["zero"] == ["L0", "L2"]
    assert (found["spectra"], found["flow"], found["audit"]) == (None, None, None)
    X = tk.group("C4").regular_module()
    layers = {name: tk.nn.EquivariantLinear(X, X, *c, bias=False) for name, c in
              {"one": (1, 3), "two": (3, 1)}.items()}  # fmt: skip
    state = torch.nn.ModuleDict(layers).state_dict()
    torch.save(state, tmp_path / "w.pt")
    np.save(tmp_path / "one.npy", np.ones((2, 4, 1)))
    argv = ("--model", f"{net_file}:net", "--data", tmp_path / "one.npy", "--show", "spectra",
            "--no-pictures")  # fmt: skip
    found = answer(plrep_gap, tmp_path / "w.pt", *argv)
    y = layers["two"](torch.relu(layers["one"](torch.ones(2, 4, 1)))) + 1
    energy = found["spectra"]["places"][-1]["sums"]
    assert sum(map(sum, energy)) == pytest.approx(float(y.detach().square().sum()), rel=1e-5)
    found = answer(plrep_gap, "--model", f"{net_file}:broken", "--group", "C4", "--no-pictures",
                   "--input-module", "regular", "--samples", 4)  # fmt: skip
    assert found["audit"]["is_equivariant"] is False
    found = answer(plrep_gap, "--model", f"{net_file}:Two", "--group", "C4", "--no-pictures",
                   "--input-module", "regular", "--input-module", "regular", "--data",
                   two_inputs(tmp_path), "--show", "zeros")  # fmt: skip
    assert found["zeros"]["sources"] == ["input 0: L0", "input 1: L0"]
    found = answer(plrep_gap, "--model", f"{net_file}:Two", "--data", two_inputs(tmp_path),
                   "--no-pictures", "--show", "spectra,flow")  # fmt: skip
    inputs = [p["stage"] for p in found["spectra"]["places"] if p["when"] == "input"]
    assert inputs == ["0", "1"]
    assert found["flow"]["graph"]["places"][:2] == ["input 0", "input 1"]
    found = answer(plrep_gap, "--model", f"{net_file}:Two", "--data", two_inputs(tmp_path),
                   "--sources", "0=L1", "--sources", "1=L2", "--no-pictures",
                   "--show", "zeros")  # fmt: skip
    assert found["zeros"]["sources"] == ["input 0: L1", "input 1: L2"]


def two_inputs(tmp_path):
    torch.save((torch.ones(5, 4, 1), torch.ones(5, 4, 1)), tmp_path / "two.pt")
    return tmp_path / "two.pt"


def test_bad_models(plrep, net_file, data_file, tmp_path):
    torch.save({"x": torch.ones(2)}, tmp_path / "bad.pt")
    (tmp_path / "syntax.py").write_text("x = (\n")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(3)\n")
    torch.save([1, 2], tmp_path / "list.pt")
    s = ("--sources", "L1", "--no-pictures")
    refused(plrep, "found int", "--model", f"{net_file}:number", *s)
    refused(plrep, "in line 39 with ValueError: of two lines", "--model", f"{net_file}:raising", *s)
    refused(plrep, "it has", "--model", f"{net_file}:nothing", *s)
    refused(plrep, "FILE.py:NAME", "--model", net_file, *s)
    refused(plrep, "there is no file", "--model", f"{tmp_path / 'no.py'}:net", *s)
    refused(plrep, "in line 1 with SyntaxError", "--model", f"{tmp_path / 'syntax.py'}:net", *s)
    refused(plrep, "SystemExit: 3", "--model", f"{tmp_path / 'leaves.py'}:net", *s)
    refused(plrep, "do not fit", tmp_path / "bad.pt", "--model", f"{net_file}:net", *s)
    refused(plrep, "not 'L9'", "--model", f"{net_file}:net", "--sources", "L9", "--no-pictures")
    model = ("--model", f"{net_file}:net", "--no-pictures")
    refused(plrep, "nothing to show", *model)
    refused(plrep, "--show flow needs --data", *model, "--show", "flow")
    refused(plrep, "not 'flows'", *model, "--show", "flows")
    refused(plrep, "needs --group", *model, "--input-module", "regular", "--sources", "L1")
    refused(plrep, "tuple or a dictionary", *model, "--data", tmp_path / "list.pt")


def test_options_belong_to_a_kind_of_inspection(plrep, tmp_path):
    refused(plrep, "exclude", "x.pt", "--task", "S3", "--symmetry", "matrix")
    refused(plrep, "--table goes with --task", "x.pt", "--table", "a=b")
    refused(plrep, "--no-coset-scores goes with --task", "x.pt", "--no-coset-scores")
    refused(plrep, "--data goes with --model or a checkpoint alone", "x.pt", "--symmetry",
            "matrix", "--data", "y.npy")  # fmt: skip
    refused(plrep, "FILE is missing", "--task", "S3")
    refused(plrep, "no folder", "x.csv", "--symmetry", "matrix", "--output", tmp_path / "no")
