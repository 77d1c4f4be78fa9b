"""The files of a catalog: their folder, checksums, manifest, Arrow tables and compaction."""
