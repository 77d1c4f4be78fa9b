"""The picture of a report on a group task: spectra, neurons, and scores against chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.errors import ConfigError
from toolkit.figures.canvas import content_of, format_of, settings
from toolkit.figures.style import FAINT, INK, SOFT
from toolkit.files import write_whole
from toolkit.palette import COLOURS
from toolkit.text import shortened

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from toolkit.interpret.tasks.report import GroupTaskReport, SimpleShare, TaskSiteReport

#: The most simples that are drawn: those with the largest shares at any site.
_SIMPLES = 24
#: With more of them their names are turned, or small.
_SIDE_BY_SIDE = 12
_WIDTH, _ROW = 11.0, 2.7


def draw_group_task(
    report: GroupTaskReport, path: str | Path, *, format: str | None = None
) -> None:
    """Draw the report on a group task into a file.

    Parameters
    ----------
    report
        From :func:`toolkit.interpret.group_task_report`.
    path
        The file to write; its folder must exist.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

    Raises
    ------
    ConfigError
        If the format is none of these.

    Examples
    --------
    >>> import numpy as np, toolkit as tk
    >>> report = tk.interpret.group_task_report(tk.group("S3"), {"left": np.eye(6)}, controls=9)
    >>> draw_group_task(report, "task.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'task.gif': png, svg or pdf is required, found
    'gif'
    """
    path, kind = format_of(path, format)
    title = f"Group task on {report.group}"
    write_whole(path, content_of(figure_for_group_task(report), kind, title))


def figure_for_group_task(report: GroupTaskReport) -> Figure:
    """Return the picture of the report on a group task as a matplotlib figure.

    Parameters
    ----------
    report
        From :func:`toolkit.interpret.group_task_report`.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. Each site has a row of three plots. The first shows the share of
        each simple, coloured by its type, with a mark at the value for random weights. The second
        shows the shares of each neuron, darker for larger ones, with neurons ordered by their
        leading simples. The third shows purity against the excess of the best coset space (against
        rank one if there are no coset scores), with lines that one random function in twenty
        exceeds.

    Raises
    ------
    ConfigError
        If the report has no site.
    """
    if not report.sites:
        raise ConfigError("a picture of a group task needs at least one site, found none")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from toolkit.figures.picture import Picture

    kept, dropped = _kept(report)
    with settings():
        low = 0.5 if len(kept) <= _SIDE_BY_SIDE else 0.62  # below a row's axes
        height = low + _ROW * len(report.sites)
        figure = Picture(figsize=(_WIDTH, height), facecolor="white")
        FigureCanvasAgg(figure)
        figure.text(
            0.02, 1 - 0.28 / height, f"Group task on {shortened(report.group, 60)}",
            fontsize=14, fontweight="bold", color=INK, va="center", parse_math=False,
        )  # fmt: skip
        rows = len(report.sites)
        for i, site in enumerate(report.sites):
            bottom = (low + _ROW * (rows - 1 - i)) / height
            tall = (_ROW - 0.95) / height
            bars, image, points = (
                figure.add_axes((x, bottom, w, tall))
                for x, w in ((0.06, 0.24), (0.38, 0.26), (0.73, 0.25))
            )
            _bars(bars, site, kept, dropped)
            _neurons(image, site, kept)
            _points(points, site)
            bars.set_title(f"{shortened(site.site, 24)}: share of energy", fontsize=9, color=INK)
    return figure


def _kept(report: GroupTaskReport) -> tuple[list[int], int]:
    simples = report.sites[0].simples
    if len(simples) <= _SIMPLES:
        return list(range(len(simples))), 0
    largest = [max(s.simples[i].share for s in report.sites) for i in range(len(simples))]
    kept = sorted(sorted(range(len(simples)), key=lambda i: -largest[i])[:_SIMPLES])
    return kept, len(simples) - _SIMPLES


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=7, colors=SOFT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)


def _name(simple: SimpleShare) -> str:
    return f"{simple.label}\n{simple.dimension}{simple.type}"


def _bars(axes: Axes, site: TaskSiteReport, kept: list[int], dropped: int) -> None:
    _plain(axes)
    own = [site.simples[i] for i in kept]
    places = np.arange(len(own))
    axes.bar(places, [s.share for s in own], color=[COLOURS[s.type][0] for s in own], width=0.7)
    axes.scatter(places, [s.expected for s in own], marker="_", s=60, color=INK, zorder=3)
    if len(own) <= _SIDE_BY_SIDE:
        axes.set_xticks(places, [_name(s) for s in own], fontsize=6.5)
    else:
        names = [_name(s).replace("\n", " ") for s in own]
        axes.set_xticks(places, names, fontsize=5.5, rotation=90)
    axes.set_ylim(0, None)
    words = "dashes: random weights"
    if dropped:
        words += f"; {dropped} simples with smaller shares left out"
    axes.set_xlabel(words, fontsize=7, color=SOFT)


def _neurons(axes: Axes, site: TaskSiteReport, kept: list[int]) -> None:
    _plain(axes)
    labels = [site.simples[i].label for i in kept]
    heard = [n for n in site.neurons if n.simple is not None]
    number = {s.label: i for i, s in enumerate(site.simples)}
    heard.sort(key=lambda n: (number[n.simple or ""], -(n.purity or 0.0)))
    if heard:
        shares = np.array([[n.shares[label] for n in heard] for label in labels])
        axes.imshow(shares, aspect="auto", cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
        size = 6.5 if len(labels) <= _SIDE_BY_SIDE else 4.5
        axes.set_yticks(np.arange(len(labels)), labels, fontsize=size)
    else:
        axes.set_yticks([])
    silent = len(site.neurons) - len(heard)
    axes.set_xticks([])
    axes.set_xlabel(
        f"{len(heard)} neurons by leading simple" + (f", {silent} silent left out" * bool(silent)),
        fontsize=7,
        color=SOFT,
    )
    axes.set_title("share of each simple", fontsize=9, color=INK)


def _points(axes: Axes, site: TaskSiteReport) -> None:
    with_cosets = any(site.coset_shares.values())
    over = "coset_excess" if with_cosets else "rank_one"
    types = {s.label: s.type for s in site.simples}
    heard = [n for n in site.neurons if n.simple is not None]
    colours = [COLOURS[types[n.simple or ""]][0] for n in heard]
    across = [np.nan if n.purity is None else n.purity for n in heard]
    up = [np.nan if getattr(n, over) is None else getattr(n, over) for n in heard]
    axes.scatter(across, up, s=12, c=colours, alpha=0.6, linewidths=0, clip_on=False, zorder=3)
    if site.chance is not None:
        limits = site.chance.coset_excess if with_cosets else site.chance.rank_one
        axes.axvline(site.chance.purity[1], color=FAINT, lw=1, ls="--")
        if limits is not None and not np.isnan(limits[1]):
            axes.axhline(limits[1], color=FAINT, lw=1, ls="--")
    axes.set_xlim(0, 1)
    axes.set_ylim(min(0.0, *(value for value in up if not np.isnan(value)), 0.0), 1)
    axes.set_xlabel("purity; dashed: 1 random function in 20", fontsize=7, color=SOFT)
    words = "coset excess" if with_cosets else "rank one"
    axes.set_title(f"purity and {words}", fontsize=9, color=INK)
    _plain(axes)
