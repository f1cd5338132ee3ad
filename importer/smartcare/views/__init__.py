"""The pages of SmartCare: its integration, certificates, and the View of a Care task."""
