-- Who may stop an account, or all? Run by the owner after every migrate, any number of times.
--
-- An account is frozen by the house or by its owner (`frozen_by`); either stops every movement, and neither lifts the
-- other's. A freeze waits for the movements that run, by the lock they hold, and comes before any later one. What the
-- owner wants stands on the person (`accounts_user.frozen_at`), so that accounts opened or lifted later know of it.
CREATE OR REPLACE FUNCTION public.books_freeze(p_account bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_owner timestamptz;
BEGIN
    PERFORM FROM public.portfolio_tradingaccount t WHERE t.id = p_account FOR NO KEY UPDATE;
    SELECT u.frozen_at INTO v_owner FROM public.portfolio_tradingaccount t
        JOIN public.accounts_user u ON u.id = t.user_id WHERE t.id = p_account;
    UPDATE public.portfolio_tradingaccount SET
        frozen_at = CASE WHEN p_reason IS NULL THEN v_owner ELSE clock_timestamp() END,
        frozen_by = CASE WHEN p_reason IS NOT NULL THEN 'house' WHEN v_owner IS NOT NULL THEN 'owner' ELSE '' END,
        frozen_reason = coalesce(p_reason, CASE WHEN v_owner IS NOT NULL THEN 'Frozen by its owner' END, '')
        WHERE id = p_account;
END $$;

-- A person freezes everything they have, or lets it move again; false where that was so already. The person's row is locked
-- first, as by whoever opens an account for them.
CREATE OR REPLACE FUNCTION public.books_freeze_person(p_user bigint, p_frozen boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM public.accounts_user u WHERE u.id = p_user FOR NO KEY UPDATE;
    PERFORM FROM public.portfolio_tradingaccount t WHERE t.user_id = p_user ORDER BY t.id FOR NO KEY UPDATE;
    UPDATE public.accounts_user SET frozen_at = CASE WHEN p_frozen THEN clock_timestamp() END
        WHERE id = p_user AND (frozen_at IS NULL) = p_frozen;
    IF NOT FOUND THEN
        RETURN false;
    ELSIF p_frozen THEN
        UPDATE public.portfolio_tradingaccount
            SET frozen_at = clock_timestamp(), frozen_by = 'owner', frozen_reason = 'Frozen by its owner'
            WHERE user_id = p_user AND frozen_at IS NULL AND closed_at IS NULL;
    ELSE
        UPDATE public.portfolio_tradingaccount SET frozen_at = NULL, frozen_by = '', frozen_reason = ''
            WHERE user_id = p_user AND frozen_by = 'owner';
    END IF;
    RETURN true;
END $$;

-- The house stops everything (a reason), or lets it move again (none); false where that was so already. Movements hold the
-- lock shared until they end: so a stop waits for those that run, and comes before any later one.
DROP FUNCTION IF EXISTS public.books_stop(text, text);
CREATE OR REPLACE FUNCTION public.books_stop(p_reason text, p_actor text, p_told text DEFAULT '') RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '4s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7263558);
    IF p_reason IS NULL THEN
        UPDATE public.portfolio_stop SET ended_at = clock_timestamp() WHERE ended_at IS NULL;
    ELSE
        INSERT INTO public.portfolio_stop (began_at, began_by, reason, told)
            VALUES (clock_timestamp(), p_actor, p_reason, p_told) ON CONFLICT DO NOTHING;
    END IF;
    RETURN FOUND;
END $$;
