# What GAP says of groups whose description takes it long, kept for the version of GAP that said it.
Read(Concatenation(TK_ScriptFolder, "description_table.g"));

# The description that GAP would find of a group of the small groups library, or fail.
BindGlobal("TK_StoredDescription", function(spec)
  if GAPInfo.Version = TK_StoredDescriptionsVersion
      and IsBound(TK_StoredDescriptions.(spec.order)) then
    return TK_StoredDescriptions.(spec.order)[spec.index];
  fi;
  return fail;
end);
