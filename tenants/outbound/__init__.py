"""The only way out of the console: whatever connects to another machine lives here, and asks `trust` first."""
