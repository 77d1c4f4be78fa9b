"""JSON and GraphML that we read: graphs, spectra, descriptions of catalogs, exported answers."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import toolkit as tk
from hostile.case import Broken, Case, World, command
from hostile.text import deep, mutated, number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ALPHABET = '{}[],:"0123456789truefalsenul \\-.'
_XML = "<>/=\"&; abcdefgraphnodekyt'![]-"


def case(world: World) -> Case:
    """Return a document, and read it."""
    kind = world.random.choice((_graph_json, _graph_json, _graphml, _spectra, _catalog, _answers))
    return kind(world)


def _damaged(world: World, text: str, alphabet: str = _ALPHABET) -> str:
    random = world.random
    if random.random() < 0.15:
        opened = random.choice(("[", '{"a":', '[{"a":[', '{"graph":['))
        return opened * random.choice((900, 5000, 40_000))
    return mutated(random, text, alphabet, 400_000)


def _changed(world: World, data: Any) -> Any:
    """Return JSON data with one value somewhere replaced."""
    random = world.random
    at: Any = data
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return data
        key = random.choice(keys)
        if isinstance(at[key], dict | list) and at[key] and random.random() < 0.7:
            at = at[key]
            continue
        at[key] = random.choice((number(random), deep(random), "x" * 200, "\ud800"))
        return data


def _text(world: World, data: Any) -> str:
    if world.random.random() < 0.5:
        data = _changed(world, data)
        try:
            return json.dumps(data)
        except (TypeError, ValueError, RecursionError):
            return json.dumps({"a": str(type(data))})
    return _damaged(world, json.dumps(data))


def _graph(world: World) -> Any:
    return tk.interaction_graph(world.group.natural_module(), "relu")


def _graph_json(world: World) -> Case:
    text = _text(world, json.loads(tk.formats.to_json(_graph(world))))
    return Case(f"from_json({text[:200]!r})", lambda: _again(tk.formats, "json", text))


def _graphml(world: World) -> Case:
    text = tk.formats.to_graphml(_graph(world))
    text = _damaged(world, text, _XML)
    return Case(f"from_graphml({text[:200]!r})", lambda: _again(tk.formats, "graphml", text))


def _again(formats: Any, form: str, text: str) -> None:
    read: Callable[[str], Any] = getattr(formats, f"from_{form}")
    write: Callable[[Any], str] = getattr(formats, f"to_{form}")
    graph = read(text)
    same = read(write(graph))
    if repr(sorted(graph.nodes.items())) != repr(sorted(same.nodes.items())):
        raise Broken("what was read is not what is written and read again")


def _spectra(world: World) -> Case:
    import torch

    from toolkit.interpret.spectral.spectrum import Spectra

    torch.manual_seed(0)
    found = tk.interpret.spectra(world.layers, torch.randn(4, 3, 2))
    path = world.folder / "spectra.json"
    path.write_text(_text(world, json.loads(json.dumps(found.state()))), "utf-8", "surrogatepass")
    return Case(f"Spectra.load of {path.read_bytes()[:100]!r}", lambda: repr(Spectra.load(path)))


def _catalog(world: World) -> Case:
    folder = world.folder / "catalog"
    folder.mkdir(exist_ok=True)
    bundled: Path = world.catalog.folder
    for file in bundled.iterdir():
        if file.name != "catalog.json" and not (folder / file.name).exists():
            (folder / file.name).symlink_to(file)
    text = _text(world, json.loads((bundled / "catalog.json").read_text("utf-8")))
    (folder / "catalog.json").write_text(text, "utf-8", "surrogatepass")
    return Case(
        f"catalog.json with {text[:200]!r}",
        lambda: tk.catalog.open(folder).close(),
    )


def _answers(world: World) -> Case:
    lines = [
        {"format": "plrep answers", "version": 1},
        {"group": "C2", "question": "facts", "version": 1, "args": None, "value": {"order": 2}},
    ]
    text = "\n".join(_text(world, line) for line in lines)
    path = world.folder / world.random.choice(("answers.jsonl", "answers.jsonl.gz"))
    data = text.encode("utf-8", "surrogatepass")
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    return Case(
        f"plrep cache import of {text[:200]!r}", lambda: command("cache", "import", str(path))
    )
