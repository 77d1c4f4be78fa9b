"""Equivariant piecewise-linear maps between simples, drawn: from cyclic groups to quaternions."""

from __future__ import annotations

from pathlib import Path

import toolkit as tk

OUT = Path("out")


def describe(phi) -> None:  # noqa: ANN001 - a map
    """Print what is exact about one map."""
    print(phi)
    if phi.is_zero:
        print("  because of the", phi.zero.reason)
        return
    orbits = ", ".join(str(piece.size) for piece in phi.matrices)
    print(f"  regions: {phi.regions}, in orbits of {orbits}; Lipschitz constant {phi.lipschitz}")


def main() -> None:
    """Describe the maps and draw them."""
    OUT.mkdir(exist_ok=True)
    cyclic = tk.group("C8").regular_module()
    dihedral = tk.group("D10").permutation_modules(5)[0]
    points = tk.group("S4").natural_module()
    quaternions = tk.group("Q8").regular_module()
    pictures = {
        # a plane that C8 turns, to the trivial simple and to the sign
        "c8_plane_to_trivial": tk.pl_map(cyclic, "L3", "L0", "relu"),
        "c8_plane_to_sign": tk.pl_map(cyclic, "L3", "L1", "relu"),
        "c8_plane_to_plane": tk.pl_map(cyclic, "L3", "L2", "relu"),
        # the two planes of the pentagon
        "d10_plane_to_plane": tk.pl_map(dihedral, "L2", "L3", "relu"),
        # the sum-zero vectors of three and of four points
        "s3_plane_to_itself": tk.pl_map(tk.group("S3").natural_module(), "L2", "L2", "relu"),
        "s4_space_to_trivial": tk.pl_map(points, "L3", "L0", "relu"),
        "s4_space_to_itself": tk.pl_map(points, "L3", "L3", "relu"),
        # kinks away from 0: the breaking lines miss the origin
        "s3_plane_to_itself_hardtanh": tk.pl_map(
            tk.group("S3").natural_module(), "L2", "L2", "hardtanh"
        ),
        # the same plane of the dihedral group to the trivial simple, and the line of C2
        "d10_plane_to_trivial": tk.pl_map(dihedral, "L2", "L0", "relu"),
        "c2_line_to_trivial": tk.pl_map(tk.group("C2").regular_module(), "L1", "L0", "relu"),
        # the quaternions themselves
        "q8_quaternions_to_trivial": tk.pl_map(quaternions, "L4", "L0", "abs"),
    }
    for name, phi in pictures.items():
        describe(phi)
        phi.plot(OUT / f"{name}.png")
    describe(tk.pl_map(tk.group("C6").regular_module(), "L3", "L1", "abs"))


if __name__ == "__main__":
    main()
