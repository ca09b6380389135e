"""People: who they are and what each prefers."""
