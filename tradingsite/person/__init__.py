"""What may a person do with their own account? For programs, below `/api/v1/me/`."""
