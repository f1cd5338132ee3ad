"""A SmartCare to try the console with: docs/smartcare-interface.md, served with made-up customers and faults."""
