# Loads what the requests need; run once, before the workspace is saved.

SetPrintFormattingStatus("*stdout*", false);
SetInfoLevel(InfoWarning, 0);
BreakOnError := false;
MakeReadWriteGlobal("ERROR_OUTPUT");

# One typed "no": the kind reaches Python beside the sentence.
TK_ErrorKind := "error";
BindGlobal("TK_NotAvailable", function(reason)
  TK_ErrorKind := "not_available";
  Error("TK:", reason);
end);

# There is no finite group, or none was found: no other question will fare better.
BindGlobal("TK_NoGroup", function(reason)
  TK_ErrorKind := "no_group";
  Error("TK:", reason);
end);

# Random choices are the same ones every time that a question is asked.
BindGlobal("TK_ResetRandom", function()
  Reset(GlobalRandomSource, 1);
  Reset(GlobalMersenneTwister, 1);
end);

# What the caller raised: a limit by its name, or what it is by default.
TK_Limits := rec();
BindGlobal("TK_Limit", function(name, default)
  if IsBound(TK_Limits.(name)) then
    return TK_Limits.(name);
  fi;
  return default;
end);

BindGlobal("TK_Packages", function()
  local out, name;
  out := rec();
  for name in ["smallgrp", "primgrp", "transgrp", "ctbllib", "tomlib"] do
    if LoadPackage(name, false) = true then
      out.(name) := InstalledPackageVersion(name);
    else
      out.(name) := fail;
    fi;
  od;
  return out;
end);
TK_LoadedPackages := TK_Packages();

# A package folder without its data loads, and then fails: probe one value of each.
BindGlobal("TK_Probe", function(name, ask)
  if TK_LoadedPackages.(name) <> fail and CALL_WITH_CATCH(ask, [])[1] <> true then
    TK_LoadedPackages.(name) := fail;
  fi;
end);
TK_Probe("smallgrp", {} -> IdGroup(SmallGroup(24, 12)));
TK_Probe("primgrp", {} -> PrimitiveGroup(9, 4));
TK_Probe("transgrp", {} -> TransitiveGroup(8, 3));
TK_Probe("ctbllib", {} -> Irr(CharacterTable("A5")));
TK_Probe("tomlib", {} -> MarksTom(TableOfMarks("A5")));

BindGlobal("TK_Folder", function()
  local name;
  name := INPUT_FILENAME();
  return name{[1 .. Length(name) - Length("init.g")]};
end);
TK_ScriptFolder := TK_Folder();
Read(Concatenation(TK_ScriptFolder, "json.g"));
Read(Concatenation(TK_ScriptFolder, "elements.g"));
Read(Concatenation(TK_ScriptFolder, "construct.g"));
Read(Concatenation(TK_ScriptFolder, "classical.g"));
Read(Concatenation(TK_ScriptFolder, "p_groups.g"));
Read(Concatenation(TK_ScriptFolder, "extensions.g"));
Read(Concatenation(TK_ScriptFolder, "exact_matrices.g"));
Read(Concatenation(TK_ScriptFolder, "relator_cosets.g"));
Read(Concatenation(TK_ScriptFolder, "presentations.g"));
Read(Concatenation(TK_ScriptFolder, "classes.g"));
Read(Concatenation(TK_ScriptFolder, "cyclotomic_sums.g"));
Read(Concatenation(TK_ScriptFolder, "monomial_characters.g"));
Read(Concatenation(TK_ScriptFolder, "fingerprint_table.g"));
Read(Concatenation(TK_ScriptFolder, "fingerprints.g"));
Read(Concatenation(TK_ScriptFolder, "stored_descriptions.g"));
Read(Concatenation(TK_ScriptFolder, "orbital_algebra.g"));
Read(Concatenation(TK_ScriptFolder, "names.g"));
TK_Requests := ["hello", "facts", "character_table", "normal_subgroups", "subgroup_classes",
  "table_of_marks", "transitive_module", "natural_action", "graph_automorphisms",
  "orbital_algebra", "permutation_order", "element_images", "index_two_subgroups",
  "induced_action", "product_classes", "element_classes", "quotients", "small_groups",
  "series", "sylow_subgroups", "maximal_subgroups", "are_maximal", "automorphisms",
  "schur_multiplier", "subgroup_names", "quotient_names", "class_counts", "pc_presentation",
  "class_map", "commuting_orbitals", "abelian_normal_subgroup", "abelian_elements",
  "generator_words", "catalog_groups"];
for TK_Name in TK_Requests do
  Read(Concatenation(TK_ScriptFolder, "requests/", TK_Name, ".g"));
od;
