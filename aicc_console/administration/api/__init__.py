"""REST of the system administration, by menu entry."""
