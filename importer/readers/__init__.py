"""Spreadsheets in: `reading` starts a child process in which everything else here runs, without Django."""
