"""The pages of tenant administration."""
