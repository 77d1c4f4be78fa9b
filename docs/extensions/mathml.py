"""Formulas as MathML, made when the pages are: no script and no font is fetched by a reader.

A formula that cannot be read is a warning, which the build counts as an error.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_LOGGER = logging.getLogger(__name__)
#: The bars of an absolute value or an order; the bar of "divides" is another character.
_BAR = re.compile(r"<mo([^>]*)>(&#x0007C;|\|)</mo>")


def _visit_inline(translator: Any, node: nodes.math) -> None:  # noqa: ANN401
    translator.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def _visit_block(translator: Any, node: nodes.math_block) -> None:  # noqa: ANN401
    translator.body.append(f'<div class="formula">{_mathml(node, "block")}</div>\n')
    raise nodes.SkipNode


def _mathml(node: nodes.Element, display: str) -> str:
    source = node.astext()
    try:
        return _BAR.sub(r'<mo\1 lspace="0" rspace="0">\2</mo>', convert(source, display=display))
    except Exception as error:  # noqa: BLE001 - whatever the reader of formulas raises
        _LOGGER.warning("formula %r cannot be read: %s", source, error, location=node)
        return f"<code>{escape(source)}</code>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
