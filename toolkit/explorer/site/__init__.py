"""The page as files: where they are, and a folder of them for any web server."""

from toolkit.explorer.site.export import ExportedSite, export_site
from toolkit.explorer.site.folders import PageFolder, page_folder

__all__ = ["ExportedSite", "PageFolder", "export_site", "page_folder"]
