"""The picture of an audit: where a network breaks a symmetry, by how much, and in which simples.

What is not known is drawn as that: a hatched band in place of a bar.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from toolkit.figures.canvas import content_of, format_of, settings
from toolkit.figures.style import FAINT, INK, SOFT, UNKNOWN
from toolkit.files import write_whole
from toolkit.text import label_key, percentage, shortened, shortened_inside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from toolkit.interpret.auditing.report import AuditReport, Breach, CallAudit

_BLUE, _PALE, _ORANGE = "#0072B2", "#9CC4DF", "#D55E00"
_MOST_CALLS, _MOST_SIMPLES, _MOST_GENERATORS = 60, 16, 16
_FLOOR = 1e-17  # below the rounding errors of float64: 0 is drawn there
_WIDTH, _ROW = 10.5, 0.24


def draw_audit(
    report: AuditReport, path: str | Path, title: str = "", *, format: str | None = None
) -> None:
    """Draw an audit into a file.

    Parameters
    ----------
    report
        The report of :func:`toolkit.interpret.audit`.
    path
        The file to write; its folder must exist.
    title
        The title; by default it names the group and the result.
    format
        ``"png"``, ``"svg"`` or ``"pdf"``; by default the suffix of the file name.

    Raises
    ------
    ConfigError
        If the format is none of these.

    Examples
    --------
    >>> import toolkit as tk
    >>> X = tk.group("C4").regular_module()
    >>> report = tk.interpret.audit(tk.nn.EquivariantLinear(X, X, 1, 1), tk.group("C4"), X)
    >>> draw_audit(report, "audit.gif")
    Traceback (most recent call last):
    ...
    toolkit.errors.ConfigError: cannot draw into 'audit.gif': png, svg or pdf is required, found
    'gif'
    """
    path, kind = format_of(path, format)
    title = title or _title(report)
    write_whole(path, content_of(figure_for_audit(report, title), kind, title))


def figure_for_audit(report: AuditReport, title: str = "") -> Figure:
    """Return the picture of an audit as a matplotlib figure.

    Parameters
    ----------
    report, title
        As in :func:`draw_audit`.

    Returns
    -------
    matplotlib.figure.Figure
        Not registered with pyplot. On the left there is a line for each call of a submodule, in the
        order of a run, and one for the whole model on noise and on data. A line shows the error of
        the call itself and below it, in a paler colour, the error of the network up to that call.
        The axis is logarithmic and shows the tolerance. The first break is orange; unknown errors
        are hatched bands. On the right are the error of each generator and the share of each simple
        in the difference. They are those of the whole model, on the data if there are any, else on
        noise. The worst of each is orange if its error is above the tolerance.
    """
    with settings():
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from toolkit.figures.picture import Picture

        calls, left_out = _drawn(report)
        rows = len(calls) + 1 + (report.on_data is not None)
        height = max(4.6, 1.75 + _ROW * 2 * rows)
        figure = Picture(figsize=(_WIDTH, height), facecolor="white")
        FigureCanvasAgg(figure)
        figure.text(0.02, 1 - 0.28 / height, title or _title(report), fontsize=14,
                    fontweight="bold", color=INK, va="center", parse_math=False)  # fmt: skip
        figure.text(0.02, 1 - 0.58 / height, _break_words(report), fontsize=9, color=SOFT,
                    va="center", parse_math=False)  # fmt: skip
        top, bottom = 1 - 0.95 / height, 0.95 / height
        axes = figure.add_axes((0.22, bottom, 0.43, top - bottom))
        _errors(axes, report, calls)
        if left_out:
            figure.text(0.02, 0.12 / height, f"{left_out} calls more are not drawn; the table has "
                        "them all", fontsize=8, color=SOFT)  # fmt: skip
        worst, where = (
            (report.on_noise, "noise") if report.on_data is None else (report.on_data, "data")
        )
        tall = (top - bottom - 0.75 / height) / 2
        above = figure.add_axes((0.72, top - tall, 0.26, tall))
        below = figure.add_axes((0.72, bottom, 0.26, tall))
        _generators(above, worst, where, report)
        _simples(below, worst, report)
    return figure


def _title(report: AuditReport) -> str:
    verdict = "equivariant to rounding" if report.is_equivariant else "not equivariant"
    return f"Audit under {shortened(report.group, 40)}: {verdict}"


def _break_words(report: AuditReport) -> str:
    first = report.first_break
    words = []
    if first is not None and first.own is not None:
        name = shortened_inside(_name(first), 40)
        words.append(f"first break at {name} ({first.kind}): {_worst(first.own)}")
    elif not report.is_equivariant:
        words.append("no call is known to break equivariance")
    if report.unknown_before:
        words.append(f"unknown before that: {len(report.unknown_before)}" if first is not None
                     else f"not known: {len(report.unknown_before)}")  # fmt: skip
    return "; ".join(words)


def _worst(breach: Breach) -> str:
    """Return the worst generator and simple of a breach in words."""
    words = [] if breach.generator is None else [f"worst generator {breach.generator}"]
    if breach.simple is not None:
        share = percentage(breach.simples[breach.simple])
        words.append(f"worst simple {breach.simple}, {share} of the difference")
    return ", ".join(words)


def _name(call: CallAudit) -> str:
    return (call.name or "the model") + (f"#{call.number + 1}" if call.number else "")


def _drawn(report: AuditReport) -> tuple[tuple[CallAudit, ...], int]:
    """Return the calls that are drawn, the first break among them, and how many are not."""
    calls, first = report.calls, report.first_break
    if len(calls) <= _MOST_CALLS:
        return calls, 0
    start = 0 if first is None else max(0, calls.index(first) - _MOST_CALLS // 2)
    start = min(start, len(calls) - _MOST_CALLS)
    return calls[start : start + _MOST_CALLS], len(calls) - _MOST_CALLS


# -- the errors ------------------------------------------------------------------------------------


def _errors(axes: Axes, report: AuditReport, calls: Sequence[CallAudit]) -> None:
    first = report.first_break
    rows: list[tuple[str, Breach | None, Breach | None, bool]] = [
        (f"{shortened_inside(_name(c), 24)} ({shortened(c.kind, 18)})", c.own, c.up_to_here,
         c is first)
        for c in calls
    ]  # fmt: skip
    rows.append(("the model, on noise", report.on_noise, report.on_noise, False))
    if report.on_data is not None:
        rows.append(("the model, on data", report.on_data, report.on_data, False))
    whole = len(calls)
    found = [b.error for _, one, two, _ in rows for b in (one, two) if b is not None]
    finite = [e for e in found if math.isfinite(e)]
    high = max(10 ** math.ceil(math.log10(max([*finite, report.tolerance, 1e-3]))), 1.0) * 3
    axes.set_xscale("log")
    axes.set_xlim(_FLOOR, high)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for y, (_, own, up_to_here, is_first) in enumerate(rows):
        if y >= whole:
            _bar(axes, y, own, 0.5, _ORANGE if _is_over(own, report) and not calls else INK, high)
            continue
        _bar(axes, y - 0.2, own, 0.36, _ORANGE if is_first else _BLUE, high)
        _bar(axes, y + 0.2, up_to_here, 0.36, _PALE, high)
    if whole:
        axes.axhline(whole - 0.5, color=FAINT, linewidth=0.8)
    axes.axvline(report.tolerance, color=SOFT, linewidth=0.9, linestyle="--")
    axes.text(report.tolerance, -0.62, "tolerance", fontsize=7, color=SOFT, ha="center",
              va="bottom")  # fmt: skip
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows], fontsize=7.5)
    _plain(axes)
    for text, (*_, is_first) in zip(axes.get_yticklabels(), rows, strict=True):
        text.set_parse_math(False)
        if is_first:
            text.set_color(_ORANGE)
            text.set_fontweight("bold")
    axes.set_xlabel("relative error", fontsize=8, color=INK)
    _legend(axes, has_unknown=any(b is None for _, *two, _ in rows for b in two),
            has_first=any(is_first for *_, is_first in rows))  # fmt: skip


def _is_over(breach: Breach | None, report: AuditReport) -> bool:
    return breach is not None and breach.error > report.tolerance


def _bar(
    axes: Axes, y: float, breach: Breach | None, thick: float, colour: str, high: float
) -> None:
    """Draw one error; a hatched band if it is not known."""
    if breach is None:
        axes.barh(y, high - _FLOOR, thick, _FLOOR, facecolor="#ECEEF1", edgecolor=UNKNOWN,
                  linewidth=0.0, hatch="/////")  # fmt: skip
        return
    end = min(max(breach.error, _FLOOR), high)  # an infinite one goes to the border
    axes.barh(y, end - _FLOOR, thick, _FLOOR, color=colour)
    if breach.error < _FLOOR * 3 or not math.isfinite(breach.error):
        words = "0" if not breach.error else "not finite" if end == high else ""
        if words == "0":
            axes.text(_FLOOR * 1.6, y, words, fontsize=6, color=SOFT, va="center")
        elif words:
            axes.text(high / 1.6, y, words, fontsize=6, color="white", va="center", ha="right")


def _legend(axes: Axes, *, has_unknown: bool, has_first: bool) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=_BLUE, label="the call itself"),
        Patch(color=_PALE, label="the network up to this call"),
    ]
    if has_first:
        handles.insert(0, Patch(color=_ORANGE, label="first break"))
    if has_unknown:
        handles.append(Patch(facecolor="#ECEEF1", edgecolor=UNKNOWN, linewidth=0.0, hatch="/////",
                             label="not known"))  # fmt: skip
    axes.legend(
        handles=handles, frameon=False, fontsize=7, loc="upper center", ncols=len(handles),
        bbox_to_anchor=(0.35, -0.5 / _inches(axes)), borderaxespad=0.0, columnspacing=1.2,
        handlelength=1.4,
    )  # fmt: skip


def _inches(axes: Axes) -> float:
    """Return the height of axes."""
    height: float = axes.get_position().height * axes.get_figure().get_size_inches()[1]  # type: ignore[union-attr]
    return height


# -- generators and simples ------------------------------------------------------------------------


def _generators(axes: Axes, breach: Breach, where: str, report: AuditReport) -> None:
    errors = breach.per_generator[:_MOST_GENERATORS]
    known = [e if math.isfinite(e) else 0.0 for e in errors]
    worst = breach.generator if _is_over(breach, report) else None
    colours = [_ORANGE if i == worst else _BLUE for i in range(len(errors))]
    axes.bar(range(len(errors)), known, color=colours, width=0.7)
    for i, error in enumerate(errors):
        if not math.isfinite(error):
            axes.text(i, 0, "not finite", fontsize=6.5, color=SOFT, ha="center", rotation=90,
                      va="bottom")  # fmt: skip
    axes.set_xticks(range(len(errors)))
    more = len(breach.per_generator) - len(errors)
    axes.set_xlabel("generator" + (f" ({more} more left out)" if more else ""), fontsize=7.5,
                    color=SOFT)  # fmt: skip
    axes.set_title(f"the model on {where}: relative error", fontsize=9, color=INK)
    if not errors:
        _empty(axes, "no generators")
    if not any(known):
        axes.set_ylim(0, 1)
    _plain(axes)


def _simples(axes: Axes, breach: Breach, report: AuditReport) -> None:
    labels = sorted(breach.simples, key=lambda label: -breach.simples[label])[:_MOST_SIMPLES]
    labels.sort(key=label_key)
    worst = breach.simple if _is_over(breach, report) else None
    colours = [_ORANGE if label == worst else _BLUE for label in labels]
    axes.bar(range(len(labels)), [breach.simples[label] for label in labels], color=colours,
             width=0.7)  # fmt: skip
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 1)
    more = len(breach.simples) - len(labels)
    axes.set_xlabel("simple of the output" + (f" ({more} smaller ones left out)" if more else ""),
                    fontsize=7.5, color=SOFT)  # fmt: skip
    axes.set_title("share of each simple in the difference", fontsize=9, color=INK)
    if not labels:
        _empty(axes, "no difference" if not breach.error else "unknown, or an invariant output")
    _plain(axes)


def _empty(axes: Axes, words: str) -> None:
    axes.text(0.5, 0.5, words, fontsize=8, color=SOFT, ha="center", transform=axes.transAxes)


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=7, colors=SOFT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
