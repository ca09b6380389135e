-- What stands guard over the books, and what does each guard say? Read by portfolio/guards.py under the app's role.
-- One row a guard: kind, name, the table it stands on (of a function its arguments), and a digest of its definition. A guarded
-- table is one of the books, or any other that a trigger of ours stands on.
WITH guarded AS (
    SELECT c.oid, c.relname, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND (c.relname LIKE 'portfolio\_%' OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal))
), told (kind, name, place, definition) AS (
    SELECT 'function', p.proname, pg_get_function_identity_arguments(p.oid), pg_get_functiondef(p.oid)
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
    UNION ALL
    SELECT 'trigger', t.tgname, g.relname, concat_ws('; ', pg_get_triggerdef(t.oid), pg_get_functiondef(t.tgfoid),
        CASE WHEN t.tgenabled IN ('O', 'A') THEN 'on' ELSE 'off' END)
    FROM guarded g JOIN pg_trigger t ON t.tgrelid = g.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'constraint', c.conname, g.relname, concat_ws('; ', v.definition, c.convalidated,
        (SELECT bool_and(t.tgenabled IN ('O', 'A')) FROM pg_trigger t WHERE t.tgconstraint = c.oid))
    FROM guarded g JOIN pg_constraint c ON c.conrelid = g.oid AND c.contype IN ('c', 'f', 'x')
    -- A list of words reads (ARRAY['a'::character varying])::text[], and after a dump ARRAY[('a'::character varying)::text].
    CROSS JOIN LATERAL (SELECT regexp_replace(regexp_replace(pg_get_constraintdef(c.oid),
        '\(?(''[^'']*'')::character varying(\)::text)?', '\1', 'g'), '\((ARRAY\[[^]]*\])\)::text\[\]', '\1', 'g')) AS v(definition)
    UNION ALL
    SELECT 'unique', c.relname, g.relname, concat_ws('; ', pg_get_indexdef(c.oid), i.indisvalid, i.indisready, i.indimmediate)
    FROM guarded g JOIN pg_index i ON i.indrelid = g.oid AND i.indisunique JOIN pg_class c ON c.oid = i.indexrelid
    UNION ALL
    SELECT 'rule', r.rulename, g.relname, pg_get_ruledef(r.oid) FROM guarded g JOIN pg_rewrite r ON r.ev_class = g.oid
    UNION ALL
    SELECT 'table', g.relname, '', concat_ws('; ', g.relpersistence, g.relrowsecurity, g.relforcerowsecurity,
        (SELECT string_agg(format('%s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ', '
            ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = g.oid AND a.attnum > 0 AND NOT a.attisdropped))
    FROM guarded g
)
SELECT kind, name, place, left(encode(sha256(convert_to(definition, 'UTF8')), 'hex'), 32) FROM told;
