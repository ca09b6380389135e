"""Dates and times where Django writes them itself: in the console."""
