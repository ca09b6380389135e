-- How does an account come and go? Run by the owner after every migrate, any number of times. Refusals: books.sql.

-- What is fixed at birth: whose account it is and of which mode.
CREATE OR REPLACE FUNCTION public.books_account_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.public_id, NEW.user_id, NEW.mode, NEW.opened_at)
        IS DISTINCT FROM (OLD.id, OLD.public_id, OLD.user_id, OLD.mode, OLD.opened_at)
        OR (OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at)
    THEN
        RAISE EXCEPTION 'a trading account keeps its owner, mode and closing' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER account_fixed BEFORE UPDATE ON public.portfolio_tradingaccount
    FOR EACH ROW EXECUTE FUNCTION public.books_account_fixed();

-- Asked when its transaction commits: a virtual account is born with its grant, and nobody gets round their own freeze by a
-- new account. The person's row is locked, as by a freeze.
CREATE OR REPLACE FUNCTION public.books_account_born() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.mode = 'virtual' AND NOT EXISTS (
        SELECT FROM public.portfolio_journalentry e WHERE e.account_id = NEW.id AND e.kind = 'grant')
    THEN
        RAISE EXCEPTION 'virtual account % has no grant', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'virtual_account_granted';
    END IF;
    PERFORM FROM public.accounts_user u WHERE u.id = NEW.user_id FOR SHARE;
    IF EXISTS (
        SELECT FROM public.portfolio_tradingaccount t JOIN public.accounts_user u ON u.id = t.user_id
        WHERE t.id = NEW.id AND t.frozen_at IS NULL AND t.closed_at IS NULL AND u.frozen_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'account frozen' USING ERRCODE = 'TS010', DETAIL = 'Frozen by its owner';
    END IF;
    RETURN NULL;
END $$;

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'account_born') THEN
        CREATE CONSTRAINT TRIGGER account_born AFTER INSERT ON public.portfolio_tradingaccount
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.books_account_born();
    END IF;
END $$;

-- Close an account: after the movements that run, before any later one. The time is taken under the lock, so that no entry
-- is younger than the closing; whether the account is frozen is asked under it too. (Freezing: freezing.sql.)
CREATE OR REPLACE FUNCTION public.books_close(p_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_account public.portfolio_tradingaccount;
BEGIN
    SELECT t.* INTO v_account FROM public.portfolio_tradingaccount t WHERE t.id = p_account FOR NO KEY UPDATE;
    IF NOT FOUND OR v_account.closed_at IS NOT NULL OR v_account.frozen_at IS NOT NULL THEN
        PERFORM public.books_refuse(v_account.mode, ARRAY[p_account]);
    END IF;
    UPDATE public.portfolio_tradingaccount SET closed_at = clock_timestamp() WHERE id = p_account;
END $$;
