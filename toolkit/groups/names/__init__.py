"""Names that libraries and catalogs print: tables of them, made by ``data/build_names.py``."""
