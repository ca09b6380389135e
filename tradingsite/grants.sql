-- What may the app's role do? Everything ordinary, then less on the books. Run by the owner after every migrate.
GRANT USAGE ON SCHEMA public TO site_app;
-- Of what is ours: an extension's or an administrator's table in the schema is theirs to grant.
DO $$
DECLARE
    tables text;
    sequences text;
BEGIN
    SELECT string_agg(c.oid::regclass::text, ', ') FILTER (WHERE c.relkind <> 'S'),
           string_agg(c.oid::regclass::text, ', ') FILTER (WHERE c.relkind = 'S')
        INTO tables, sequences
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND pg_has_role(c.relowner, 'USAGE');
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || tables || ' TO site_app';
    EXECUTE 'REVOKE TRUNCATE, REFERENCES, TRIGGER ON ' || tables || ' FROM site_app';
    EXECUTE 'GRANT USAGE, SELECT ON ' || sequences || ' TO site_app';
END $$;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM site_app;

-- The audit trail: read it, and write by its function alone.
REVOKE INSERT, UPDATE, DELETE ON accounts_auditrecord FROM site_app;
REVOKE ALL ON FUNCTION audit_append_only, protection_kept FROM PUBLIC, site_app;
REVOKE ALL ON FUNCTION audit_note, protection_hold_real FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_note, protection_hold_real TO site_app;

-- The books: read everything, write nothing but a quote's birth and an account's opening and name.
REVOKE INSERT, UPDATE, DELETE ON portfolio_ledgeraccount, portfolio_journalentry, portfolio_posting, portfolio_stop
    FROM site_app;
REVOKE UPDATE, DELETE ON portfolio_tradingaccount, portfolio_conversionquote, portfolio_seal FROM site_app;
GRANT UPDATE (name) ON portfolio_tradingaccount TO site_app;
DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'books\_%'
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, site_app', name);
    END LOOP;
    FOR name IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        AND p.proname IN ('books_post', 'books_accept', 'books_close', 'books_freeze', 'books_freeze_person', 'books_stop', 'books_forget_quotes')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO site_app', name);
    END LOOP;
END $$;
