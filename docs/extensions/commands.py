"""The commands of ``plrep`` with all their options, as ``--help`` prints them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from toolkit.cli.main import COMMANDS, command_parser

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def help_of(command: str) -> str:
    """Return the help of a command, on lines of at most 100 characters."""
    os.environ["COLUMNS"] = "100"
    return command_parser(command).format_help()


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
