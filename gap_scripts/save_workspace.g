# Saves the loaded session to the file that the environment variable names, and ends.
SaveWorkspace(GAPInfo.SystemEnvironment.PLREP_WORKSPACE);
QUIT_GAP(0);
