"""The pages of marketing."""
