#!/usr/bin/env bash
# Expected: torch.save writes a ZIP archive with a CRC-32 of every tensor, so torch.load notices when
#   a bit of a stored weight has changed on the disk, as unzip and Python's zipfile do.
# Real: torch.load reads the changed weight without a word, also with weights_only=True and mmap=True;
#   zipfile names the damaged record of the same file at once.
# Package: torch 2.13.0. Date: 2026-12-01.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

"$folder/venv/bin/python" -W ignore - "$folder/weights.pt" <<'PYTHON'
import struct
import sys
import zipfile
from pathlib import Path

import torch

print("torch", torch.__version__)
path = Path(sys.argv[1])
torch.save({"weight": torch.full((8,), 1.5)}, path)
whole = path.read_bytes()
at = whole.index(struct.pack("<8f", *[1.5] * 8)) + 2  # in the exponent of the first weight
path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :])

for options in ({}, {"mmap": True}):
    first = torch.load(path, weights_only=True, **options)["weight"][0].item()
    print("torch.load", options, "reads", first, "where 1.5 was saved")
    assert first != 1.5
named = zipfile.ZipFile(path).testzip()
print("zipfile finds a wrong CRC-32 in", named)
assert named is not None and "/data/" in named
PYTHON
