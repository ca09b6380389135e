"""What lies in our database and is somebody else's? It is left out of backups, and named.

The owner of the tables may neither lock nor read what is not theirs, so pg_dump would break off at
the first such table. What an extension brought belongs to it and is never dumped anyway.
"""

from dataclasses import dataclass

from django.db import connections

FIND = """
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner),
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' WHEN 'S' THEN 'sequence'
        ELSE 'table' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT pg_has_role(c.relowner, 'USAGE')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT n.nspname, p.proname, pg_get_userbyid(p.proowner), 'function'
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND NOT pg_has_role(p.proowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
        AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
NAMED = 5


@dataclass(frozen=True, slots=True)
class Stranger:
    """A table (or view, or sequence) or function that the owner of ours does not own."""

    schema: str
    name: str
    owner: str
    kind: str

    @property
    def pattern(self) -> str:
        """How pg_dump is told of it: between double quotes nothing else has a meaning."""
        parts = (part.replace('"', '""') for part in (self.schema, self.name))
        return ".".join(f'"{part}"' for part in parts)


def found() -> tuple[Stranger, ...]:
    """All of them; asked as the owner."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(FIND)
        return tuple(Stranger(*row) for row in cursor)


def said(strangers: tuple[Stranger, ...]) -> str:
    """Those in our own schema in words; empty where there are none."""
    here = [one for one in strangers if one.schema == "public"]
    words = [f"the {one.kind} {one.name!r} of {one.owner}" for one in here[:NAMED]]
    more = [f"{len(here) - NAMED} more"] if len(here) > NAMED else []
    return ", ".join(words + more)
