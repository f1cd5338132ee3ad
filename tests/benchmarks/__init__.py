"""Programs that measure; `make bench` runs them. Nothing here asserts a time."""
