"""How the site is built: ``make docs``. Every cell runs, and a warning is an error."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))
sys.path.insert(0, str(HERE.parent))

from toolkit.settings import VERSION  # noqa: E402

project = "plrep-toolkit"
author = "The plrep-toolkit founders"
copyright = author
version = release = VERSION

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "mathml",
    "reference",
    "checks",
    "commands",
    "explorer",
    "listings",
    "offline",
    "theorems",
]
exclude_patterns = ["extensions", "print_theory.py"]
nitpicky = True

# cells --------------------------------------------------------------------------------------------
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4
myst_dmath_double_inline = True
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
# Cells run without the user's own settings of IPython, and quietly.
PROFILE = HERE.parent / "out" / "ipython" / "profile_default"
PROFILE.mkdir(parents=True, exist_ok=True)
(PROFILE / "ipython_kernel_config.py").write_text('get_config().IPKernelApp.log_level = "ERROR"\n')
os.environ["IPYTHONDIR"] = str(PROFILE.parent)
logging.getLogger("traitlets").setLevel(logging.ERROR)

# reference ----------------------------------------------------------------------------------------
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "alphabetical"
autodoc_use_legacy_class_based = False
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# pages --------------------------------------------------------------------------------------------
html_theme = "furo"
html_title = "plrep-toolkit"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
copybutton_exclude = ".linenos, .gp, .go"


def spread(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Put the pages with cells, which take longest, evenly between the others."""
    slow = [name for name in docnames if not name.startswith("reference/names/")]
    fast = [name for name in docnames if name.startswith("reference/names/")]
    step = len(fast) / max(1, len(slow))
    placed = [(i + 0.5, name) for i, name in enumerate(fast)]
    placed += [(i * step, name) for i, name in enumerate(slow)]
    docnames[:] = [name for _, name in sorted(placed)]


def setup(app: Sphinx) -> None:
    """Connect the order of reading."""
    app.connect("env-before-read-docs", spread)
