"""Write docs/torch_modules.md from the table."""

from __future__ import annotations

from pathlib import Path

from toolkit.nn.torch_modules import to_markdown

PAGE = Path(__file__).parents[2] / "docs" / "torch_modules.md"

TEXT = """# Which of torch's own modules are legal

A network is equivariant if each of its layers is. Between the toolkit's layers stand torch's own,
and whether one of them commutes with the group depends on the module that its input lies in. The
table says it for tensors `(batch, points, channels)`, and for *all* values of the parameters: a
fresh `nn.LayerNorm([n, C])` has equal weights at all points and passes a test by chance, until it
is trained. `toolkit.testing.assert_equivariant` tries other values of the parameters for this
reason.

- **permutation**: the group permutes points. A function of the channels of one point, the same at
  all points, commutes; so does what treats all points alike.
- **signed**: points also change sign. The function must be odd.
- **linear**: the group mixes coordinates by matrices. What is linear on channels commutes, and what
  multiplies by invariant numbers. A linear module whose matrices are permutation matrices, with or
  without signs, counts as one of the first two.

Where the group acts trivially, after `tk.nn.InvariantPooling`, everything is legal.
`tk.nn.Sequential` refuses what this table calls illegal on the module at hand. "no" for a dropout
means in training.

"""


def page() -> str:
    """Return the page's text."""
    return TEXT + to_markdown()


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
