"""Scripts with requests that misbehave."""

from __future__ import annotations

import shutil

import pytest
from processes import PATIENCE

from toolkit.gap import ensure_workspace

#: Requests that misbehave, and one that says by a file that it has begun, and waits for another.
TROUBLE = r"""
BindGlobal("TK_request_wait", function(args)
  PrintTo(args.began, "");
  while not IsExistingFile(args.gate) do
    MicroSleep(10000);
  od;
  return true;
end);
BindGlobal("TK_request_spin", function(args)
  while true do
    Print("noise\n");
  od;
end);
BindGlobal("TK_request_noise", function(args)
  Print("first\n@ not JSON at all"{[1 .. 6]}, "and a line that does not end");
  return args;
end);
BindGlobal("TK_request_false_reply", function(args)
  Print("\n@{\"id\":1}\n");
  return args;
end);
BindGlobal("TK_request_script_error", function(args)
  return 1 / 0;
end);
BindGlobal("TK_request_unprintable", function(args)
  return SymmetricGroup(3);
end);
BindGlobal("TK_request_eat", function(args)
  local eaten;
  eaten := [];
  while true do
    Add(eaten, ListWithIdenticalEntries(1000000, 0) + 0);
  od;
end);
BindGlobal("TK_request_quit", function(args)
  QUIT_GAP(7);
end);
BindGlobal("TK_request_echo", function(args)
  return args;
end);
Append(TK_Requests, ["wait", "spin", "noise", "false_reply", "script_error", "unprintable",
  "eat", "quit", "echo"]);
"""


@pytest.fixture(scope="session")
def troubled(tmp_path_factory, scripts):
    """Our scripts, with requests that misbehave."""
    folder = tmp_path_factory.mktemp("scripts") / "gap_scripts"
    shutil.copytree(scripts, folder)
    init = folder / "init.g"
    init.write_text(init.read_text() + TROUBLE)
    return folder


@pytest.fixture(scope="session")
def troubled_workspace(tmp_path_factory, installation, troubled):
    return ensure_workspace(installation, troubled, tmp_path_factory.mktemp("w"), seconds=PATIENCE)
