"""The database backend of the settings: Django's own, with a pool that outlives PostgreSQL."""
