"""The command `plrep`: argument parsing and printing only, one file per command."""
