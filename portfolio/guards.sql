-- What stands guard over the books, and what does each guard say? Read by portfolio/guards.py under the app's role.
-- One row a guard: kind, name, the table it stands on (of a function its arguments), and a digest of its definition. A guarded
-- table is one of the books, or any other that a trigger of ours stands on. Rights are told of the role of the app, which the
-- settings name, of everybody, and of strangers who may do more than read; the owner is whoever owns the migrations.
WITH roles (owner, app) AS (
    SELECT relowner, to_regrole(:app_role)::oid FROM pg_class WHERE oid = 'public.django_migrations'::regclass
), guarded AS (
    SELECT c.oid, c.relname, c.relowner, c.relacl, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
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
), granted (kind, name, place, owner, acl) AS (
    SELECT 'rights of table', g.relname, '', g.relowner, coalesce(g.relacl, acldefault('r', g.relowner)) FROM guarded g
    UNION ALL
    SELECT 'rights of column', g.relname, a.attname, g.relowner, a.attacl
    FROM guarded g JOIN pg_attribute a ON a.attrelid = g.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT 'rights of function', p.proname, pg_get_function_identity_arguments(p.oid), p.proowner,
        coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_proc p WHERE (p.proname, 'function') IN (SELECT t.name, t.kind FROM told t) AND p.pronamespace = 'public'::regnamespace
), rights AS (
    SELECT t.kind, t.name, t.place, concat_ws('; ', CASE t.owner WHEN r.owner THEN 'owner' ELSE pg_get_userbyid(t.owner) END,
        (SELECT string_agg(concat_ws(' ', CASE a.grantee WHEN r.app THEN 'app' WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(a.grantee) END,
            a.privilege_type, a.is_grantable), ', ' ORDER BY a.grantee <> r.app, a.grantee, a.privilege_type)
         FROM aclexplode(t.acl) a WHERE a.grantee <> r.owner
            AND (a.grantee IN (r.app, 0) OR a.privilege_type NOT IN ('SELECT', 'MAINTAIN'))))
    FROM granted t, roles r
    UNION ALL
    SELECT 'role', 'of the app', '', concat_ws('; ', a.rolsuper, a.rolbypassrls, a.rolreplication, a.rolcreaterole,
        pg_has_role(r.app, r.owner, 'MEMBER'))
    FROM roles r JOIN pg_roles a ON a.oid = r.app
)
SELECT kind, name, place, left(encode(sha256(convert_to(definition, 'UTF8')), 'hex'), 32)
FROM (SELECT * FROM told UNION ALL SELECT * FROM rights) AS every (kind, name, place, definition);
