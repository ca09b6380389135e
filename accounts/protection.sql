-- What protects a person from whoever got in? Run by the owner after every migrate, any number of times.
-- `frozen_at` and `real_held_until` are set by functions of the owner alone. The app's role stores people with all their
-- columns, also from rows read long ago; whatever it says about these two is passed over.
CREATE OR REPLACE FUNCTION public.protection_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_user = 'site_app' THEN
        NEW.frozen_at := OLD.frozen_at;
        NEW.real_held_until := OLD.real_held_until;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER protection_kept BEFORE UPDATE ON public.accounts_user
    FOR EACH ROW EXECUTE FUNCTION public.protection_kept();

-- Real trading rests for a day; a hold that lasts longer stays.
CREATE OR REPLACE FUNCTION public.protection_hold_real(p_user bigint) RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.accounts_user SET real_held_until = greatest(real_held_until, clock_timestamp() + interval '24 hours')
        WHERE id = p_user RETURNING real_held_until;
$$;
