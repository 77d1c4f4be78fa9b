BindGlobal("TK_StoredDescriptionsVersion", "");
BindGlobal("TK_StoredDescriptions", rec());
