"""``plrep doctor``: what is installed, what is missing, and the line that installs it."""

from __future__ import annotations

import platform
import shlex
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from toolkit.cli.console import Console, labelled, one_line
from toolkit.cli.output import print_json
from toolkit.errors import GapError, GapNotFoundError, StoreError
from toolkit.files import remedy_of_bundled

if TYPE_CHECKING:
    import argparse

    from toolkit.cli.progress import Progress
    from toolkit.library.session import Session

DESCRIPTION = """\
Checks the installation: Python and its packages, GAP and its data packages, the cache. For
everything that is missing, shows the command that installs it. Exit status 3 if GAP is missing.
"""
EPILOG = """\
examples:
  plrep doctor
  plrep doctor --json

keys of the JSON object: schema, ok, checks; each check has name, state (ok, missing, failed or
note), value and remedy.
"""
_NEEDED = ("numpy", "scipy", "networkx", "matplotlib", "mpmath", "platformdirs", "tqdm")
#: Optional packages, the extra that brings each, and what it is for.
_OPTIONAL = {
    "torch": ("nn", "toolkit.nn"),
    "igraph": ("graphs", "symmetries of graphs, which GAP finds without it"),
    "dask": ("catalog", "toolkit.catalog"),
    "distributed": ("catalog", "toolkit.catalog"),
    "duckdb": ("catalog", "toolkit.catalog"),
    "pyarrow": ("catalog", "toolkit.catalog"),
    "starlette": ("explorer", "toolkit.explorer"),
    "uvicorn": ("explorer", "toolkit.explorer"),
}
#: What each GAP data package is for, and its wheel.
_GAP_PACKAGES = {
    "smallgrp": "SmallGroup(n,i) and ids",
    "primgrp": "PrimitiveGroup(n,i)",
    "transgrp": "TransitiveGroup(n,i)",
    "ctbllib": "Table(M)",
    "tomlib": "tables of marks",
}


class Check(NamedTuple):
    """One line of the report.

    Parameters
    ----------
    name
        What was looked at.
    state
        ``"ok"``, ``"missing"``, ``"failed"`` or ``"note"``.
    value
        What was found.
    remedy
        The command that installs it, or an advice; empty if nothing is wrong.
    """

    name: str
    state: str
    value: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments: it has none."""
    del parser, common


def run(options: argparse.Namespace, session: Session, progress: Progress) -> int:
    """Print the report."""
    progress.say("starting GAP")
    checks = [*_python(), *_optional()]
    gap, gap_found = _gap(session)
    checks += [*gap, *_cache(session), _catalog(), _explorer(), *_settings(session)]
    progress.close()
    status = 0 if gap_found else 3
    if any(c.state == "failed" for c in checks):
        status = status or 4
    if any(c.state == "missing" and c.name in _NEEDED for c in checks):
        status = status or 1
    if options.json:
        data = {"schema": 1, "ok": status == 0, "checks": [c._asdict() for c in checks]}
        print_json(data)
        return status
    console = Console()
    rows = [
        (
            f"{'' if c.state == 'note' else c.state:<7}  {c.name}",
            c.value + (f"; {c.remedy}" if c.remedy else ""),
        )
        for c in checks
    ]
    console.write(*labelled(console, rows, indent=""))
    console.write(
        "", "all is well" if status == 0 else "something is missing or damaged: see above"
    )
    return status


def _python() -> list[Check]:
    from importlib.metadata import PackageNotFoundError, version

    found = f"{platform.python_version()} at {sys.executable}"
    checks = [Check("Python", "ok", found)]
    for package in _NEEDED:
        try:
            checks.append(Check(package, "ok", version(package)))
        except PackageNotFoundError:
            checks.append(Check(package, "missing", "not found", f"pip install {package}"))
    return checks


def _optional() -> list[Check]:
    from importlib.metadata import PackageNotFoundError, version

    checks = []
    for package, (extra, purpose) in _OPTIONAL.items():
        try:
            checks.append(Check(package, "ok", f"{version(package)} (for {purpose})"))
        except PackageNotFoundError:
            remedy = f'pip install "plrep-toolkit[{extra}]"'
            checks.append(Check(package, "missing", f"optional, for {purpose}", remedy))
    return checks


def _gap(session: Session) -> tuple[list[Check], bool]:
    """Return the checks about GAP, and whether a working one was found."""
    if session.settings.offline:
        return [Check("GAP", "note", "not started: offline")], True
    try:
        installation = session.installation
        hello = session.hello()
    except GapNotFoundError as error:
        return [Check("GAP", "missing", error.looked, error.remedy)], False
    except GapError as error:
        return [Check("GAP", "failed", one_line(str(error)))], False
    from toolkit.gap.workspace import command_by_hand

    checks = [
        Check("GAP", "ok", f"{hello['version']} at {installation.executable}"),
        Check("GAP found by", "ok", f"{installation.origin}, {hello.get('architecture', '')}"),
        Check("GAP by hand", "note", shlex.join(command_by_hand(installation))),
        *_start_times(session),
    ]
    packages = hello.get("packages") or {}
    for name, purpose in _GAP_PACKAGES.items():
        found = packages.get(name)
        if found:
            checks.append(Check(f"GAP {name}", "ok", f"{found} (for {purpose})"))
        else:
            wheel = f"passagemath-gap-pkg-{name}-data"
            checks.append(Check(f"GAP {name}", "missing", f"for {purpose}", f"pip install {wheel}"))
    return checks, True


def _start_times(session: Session) -> list[Check]:
    from toolkit.files import gap_scripts_path
    from toolkit.gap.worker import GapWorker
    from toolkit.gap.workspace import ensure_workspace, last_replacement

    scripts = gap_scripts_path()
    if scripts is None:
        return [Check("GAP scripts", "missing", "not found", "pip install plrep-toolkit")]
    folder = session.settings.cache_dir / "workspaces"
    workspace = ensure_workspace(session.installation, scripts, folder)
    texts = []
    for what, file in (("cold", None), ("from its workspace", workspace)):
        if file is None and what != "cold":
            texts.append("no workspace could be saved")
            continue
        start = time.perf_counter()
        try:
            with GapWorker(session.installation, scripts.resolve(), workspace=file) as worker:
                worker.ask("hello", {}, subject="GAP itself", timeout=60.0)
        except GapError as error:
            return [Check("GAP start", "failed", one_line(str(error)))]
        texts.append(f"{time.perf_counter() - start:.2f} s {what}")
    checks = [Check("GAP start", "ok", ", ".join(texts))]
    replaced = last_replacement(folder)
    if replaced is not None:
        text = f"replaced by a new one on {replaced.when}: {one_line(replaced.why, 160)}"
        checks.append(Check("GAP workspace", "note", text))
    return checks


def _cache(session: Session) -> list[Check]:
    folder = session.settings.cache_dir
    checks = []
    try:
        session.store.top.probe()
        info = session.store.top.info()
    except StoreError as error:
        return [Check("cache", "failed", one_line(str(error)))]
    if info.writable:
        checks.append(Check("cache folder", "ok", f"{folder}, writable"))
    else:
        checks.append(
            Check(
                "cache folder",
                "failed",
                f"{folder}: {info.why_read_only}",
                "answers are not kept; name another folder in PLREP_CACHE_DIR",
            )
        )
    checks.append(Check("cache", "ok", f"{info.entries} answers about {info.groups} groups"))
    rescue = session.store.top.rescue
    if rescue is not None:
        saved = f"it was damaged ({one_line(rescue.fault, 100)}), {rescue.saved} answers are saved"
        checks.append(Check("cache file", "note", saved, f"the old one is {rescue.kept_as}"))
    if not session.store.below:
        text = "they are missing, so GAP is asked instead"
        checks.append(Check("bundled answers", "failed", text, remedy_of_bundled()))
    for layer in session.store.below:
        if layer.unusable:
            text = f"{layer.path}: {layer.unusable}"
            checks.append(Check("bundled answers", "failed", text, layer.remedy))
            continue
        try:
            found = layer.info()
        except StoreError as error:
            checks.append(Check("bundled answers", "failed", one_line(str(error))))
            continue
        text = f"{found.entries} answers about {found.groups} groups"
        if layer.rescue is None:
            checks.append(Check("bundled answers", "ok", text))
        else:
            fault = one_line(layer.rescue.fault, 100)
            text += f" in a damaged file ({fault})"
            checks.append(Check("bundled answers", "failed", text, layer.remedy))
    return checks


def _catalog() -> Check:
    """Return the check of the bundled catalog: every file has its checksum."""
    from toolkit.catalog.files.checksums import CheckedFiles
    from toolkit.catalog.files.layout import STORED
    from toolkit.catalog.files.manifest import bundled_catalog, require_catalog
    from toolkit.errors import CatalogError

    try:
        folder = bundled_catalog()
        require_catalog(folder)
        files = {table.name: folder / f"{table.name}.parquet" for table in STORED}
        count = CheckedFiles(folder, files).require()
    except CatalogError as error:
        return Check("catalog", "failed", one_line(str(error)))
    return Check("catalog", "ok", f"{count} files have their checksums")


def _explorer() -> Check:
    """Return the check about the page and its data, which need no package of their own."""
    from toolkit.errors import ConfigError
    from toolkit.explorer.site.folders import page_folder
    from toolkit.explorer.site.selection import bundled_data, count_groups

    try:
        page_folder()
        groups = count_groups(bundled_data())
    except ConfigError as error:
        return Check("explorer", "failed", one_line(str(error)))
    return Check("explorer", "ok", f"the page, with {groups} groups")


def _settings(session: Session) -> list[Check]:
    settings = session.settings
    shown = {
        "PLREP_CACHE_DIR": str(settings.cache_dir),
        "PLREP_GAP": str(settings.gap_executable or "searched for"),
        "PLREP_GAP_ROOT": str(settings.gap_root or "beside GAP"),
        "PLREP_GAP_TIMEOUT": f"{settings.gap_timeout:g} s",
        "PLREP_GAP_MEMORY": f"{settings.gap_memory / 1024**3:g} GiB",
        "PLREP_GAP_PROCESSES": str(settings.gap_processes),
        "PLREP_MEMORY": f"{settings.memory / 1024**3:g} GiB",
        "PLREP_OFFLINE": "1" if settings.offline else "0",
    }
    return [Check(name, "note", value) for name, value in shown.items()]
