"""The pages of the system administrator, by menu entry."""
