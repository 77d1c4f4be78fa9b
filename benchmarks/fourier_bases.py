"""Fourier bases measured: time, certificate, and GAP's own packages; part of `make bench`."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import toolkit as tk
from toolkit.errors import NotAvailable
from toolkit.gap import find_gap
from toolkit.gap.workspace import base_command

if TYPE_CHECKING:
    from toolkit.library import Session
    from toolkit.modules.permutation_module import PermutationModule

#: Cases that GAP's packages can do too, with the seconds after which they are stopped.
PEERS = {"S5 regular": 60, "S6 ordered pairs": 240, "PSL(2,7) regular": 60}
REGULAR = ("S5", "S6", "AGL(1,16)", "SL(2,5)", "PSL(2,7)", "C512", "D512")


def packages_alone(case: str, limit: float) -> float | None:
    """Return the seconds that RepnDecomp or repsn takes, or ``None`` past the limit."""
    script = Path(__file__).with_name("fourier_bases_alone.g")
    try:
        done = subprocess.run(
            [*base_command(find_gap()), str(script)],
            env={**os.environ, "PLREP_BENCH": case},
            capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    return int(lines[-1][1]) / 1e6 if lines else None


def measured(X: PermutationModule) -> tuple[float, float, float]:
    """Return milliseconds for what the basis needs from GAP, for the basis, and the deviation."""
    start = time.perf_counter()
    parts = X.orbits
    for part in parts:
        part.spherical_table  # noqa: B018 - asked for here, so that it is not counted below
        part.images  # noqa: B018
    asked = time.perf_counter() - start
    start = time.perf_counter()
    basis = tk.fourier_basis(X)
    return 1000 * asked, 1000 * (time.perf_counter() - start), basis.certificate.worst


def rows(session: Session) -> list[list[str]]:
    """Measure single modules."""
    cases: list[tuple[str, PermutationModule]] = [
        (f"{name} regular", tk.group(name, session=session).regular_module()) for name in REGULAR
    ]
    six = tk.group("S6", session=session).natural_module()
    cases.append(("S6 ordered pairs", six * six))
    m11 = tk.group("M11", session=session)
    cases += [
        (f"M11 on {X.degree} points", X)
        for X in m11.permutation_modules(max_index=66)
        if X.degree in (11, 12, 55, 66)
    ]
    cases.append(("M24 on 24 points", tk.group("M24", session=session).natural_module()))
    cases.append(("S1024 on points", tk.group("S1024", session=session).natural_module()))
    out = []
    for name, X in cases:
        asked, made, worst = measured(X)
        peer = packages_alone(name, PEERS[name]) if name in PEERS else None
        says = "" if peer is None else f"{peer:.1f} s"
        if name in PEERS and peer is None:
            says = f"> {PEERS[name]} s"
        types = "".join(sorted({s.type for s in tk.fourier_basis(X).simples}))
        out.append(
            [
                name, str(X.degree), types, f"{asked:.0f}", f"{made:.1f}", f"{worst:.1e}",
                says,
                "" if peer is None else f"{1000 * peer / made:.0f}",
            ]
        )  # fmt: skip
    return out


def all_regular(session: Session, most: int = 100) -> list[list[str]]:
    """Measure the regular module of every group up to an order, per type."""
    count, made, worst, slowest = 0, 0.0, 0.0, ("", 0.0)
    seen: dict[str, int] = {}
    for order in range(1, most + 1):
        number = 1
        while True:
            G = tk.group(f"SmallGroup({order},{number})", session=session)
            try:
                X = G.regular_module()
            except (NotAvailable, tk.ToolkitError):
                break
            _, ms, deviation = measured(X)
            count, made, worst = count + 1, made + ms, max(worst, deviation)
            slowest = max(slowest, (G.name, ms), key=lambda pair: pair[1])
            for s in tk.fourier_basis(X).simples:
                seen[s.type] = seen.get(s.type, 0) + 1
            number += 1
    return [
        [
            f"{count} groups of order at most {most}", f"{made / count:.1f}",
            f"{slowest[0]} {slowest[1]:.0f}", f"{worst:.1e}",
            " ".join(f"{k}: {v}" for k, v in sorted(seen.items())),
        ]
    ]  # fmt: skip


def report(session: Session) -> None:
    """Print both tables."""
    from run_all import table

    table(
        "Fourier bases of single modules (from an empty cache)",
        ("module", "points", "types", "GAP and table ms", "basis ms", "certificate",
         "GAP package", "times"),
        rows(session),
    )  # fmt: skip
    table(
        "Fourier bases of all regular modules",
        ("groups", "mean ms", "slowest ms", "worst certificate", "simples by type"),
        all_regular(session),
    )


if __name__ == "__main__":
    import tempfile

    from toolkit.library import Session
    from toolkit.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"PLREP_CACHE_DIR": folder})
        with Session(settings, use_bundled=False) as own:
            report(own)
