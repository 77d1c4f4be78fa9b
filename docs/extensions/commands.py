"""The commands of ``plrep`` with all their options, as ``--help`` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from public import help_of
from sphinx.util.docutils import SphinxDirective

from toolkit.cli.main import COMMANDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Commands(SphinxDirective):
    """A section for each command."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        out: list[nodes.Node] = []
        for command, about in COMMANDS.items():
            section = nodes.section(ids=[f"plrep-{command}"], names=[f"plrep {command}"])
            section += nodes.title("", "", nodes.literal("", f"plrep {command}"))
            section += nodes.paragraph("", about[0].upper() + about[1:] + ".")
            section += nodes.literal_block(help_of(command), help_of(command), language="text")
            out.append(section)
        return out


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("plrep-commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
