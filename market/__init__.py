"""Prices: what the world says."""
