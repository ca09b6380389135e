"""Filters for the pages of money."""
