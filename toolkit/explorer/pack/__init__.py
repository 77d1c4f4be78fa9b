"""The files of the page: shards of records, tables of the catalog, names."""
