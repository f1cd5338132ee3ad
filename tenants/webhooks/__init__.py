"""Webhooks: the console tells other systems what has happened. At least once each, signed, and logged."""
