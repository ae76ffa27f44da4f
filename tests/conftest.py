"""Shared by all tests: the package is imported from the checkout."""
