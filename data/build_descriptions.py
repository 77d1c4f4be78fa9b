"""Write ``gap_scripts/description_table.g``: descriptions that take GAP long.

Run from a checkout, ``python data/build_descriptions.py``; GAP needs some minutes. The texts are
those of the version of GAP that is installed, and are used with that version only.
"""

from __future__ import annotations

from pathlib import Path

from build_fingerprints import SCRIPTS, write_table

if __name__ == "__main__":
    write_table("structure_descriptions.g", Path(SCRIPTS / "description_table.g"))
