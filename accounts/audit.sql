-- What is done stays written. Run by the owner after every migrate, any number of times.
-- The app's role may execute `audit_note` and read; TRUNCATE is refused by privilege: a trigger would stop the tests' flush.
CREATE OR REPLACE FUNCTION public.audit_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON public.accounts_auditrecord
    FOR EACH ROW EXECUTE FUNCTION public.audit_append_only();

-- Write one row, in the transaction of what it tells. The transaction takes its number before the row takes its id: the
-- sealer counts on that, because whoever then waits for the numbers given so far has waited for the ids given so far too.
CREATE OR REPLACE FUNCTION public.audit_note(
    p_event text, p_actor text, p_address inet, p_person uuid, p_thing text, p_before jsonb, p_after jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_current_xact_id();
    INSERT INTO public.accounts_auditrecord (at, event, actor, address, person, thing, before, after)
        VALUES (clock_timestamp(), p_event, p_actor, p_address, p_person, p_thing, p_before, p_after);
END $$;
