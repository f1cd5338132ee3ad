"""Where the rows of an import come from, besides an upload."""
