"""All parts of the faults in one run, recorded, and the page of figures: `make faults`.

Each part is a process of its own. A part that is recorded already for these very files, this seed,
share and Python is not run again, unless ``--again`` is given.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import page
from harness import arguments, is_done


def main() -> int:
    """Run the parts, write the page; return 1 if a promise was not kept or a part failed."""
    parser = arguments(__doc__)
    parser.add_argument("parts", nargs="*", help="names of parts; default all")
    parser.add_argument("--again", action="store_true", help="run what is recorded already, too")
    options = parser.parse_args()
    known = page.parts()
    if unknown := [part for part in options.parts if part not in known]:
        parser.error(f"no part is called {', '.join(unknown)}; there are {', '.join(known)}")
    failed = []
    for part in options.parts or known:
        if not options.again and is_done(part, options.seed, options.share):
            print(f"{part}: recorded already")
            continue
        print(f"\n{part}", flush=True)
        done = subprocess.run(
            [
                sys.executable, str(Path(__file__).with_name(f"{part}.py")), "--record",
                "--seed", str(options.seed), "--share", str(options.share),
            ],
            check=False,
        )  # fmt: skip
        if done.returncode:
            failed.append(part)
        page.write()
    page.write()
    if failed:
        print(f"\nNot in order: {', '.join(failed)}; {page.PAGE.name} says what broke.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
