-- Which kinds and currencies do the books know? Run by the owner after every migrate, any number of times.

-- The kinds of `models/`, in this order; a constraint whose list has changed is made anew.
DO $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT w.place, w.name, w.kinds FROM (VALUES
        ('portfolio_journalentry', 'journal_entry_kind_known',
            ARRAY['grant', 'conversion', 'hold', 'release', 'reversal']),
        ('portfolio_ledgeraccount', 'ledger_account_kind_known',
            ARRAY['available', 'held', 'house:equity', 'house:liquidity', 'house:fees', 'house:rounding'])) AS w(place, name, kinds)
    LOOP
        IF (SELECT obj_description(c.oid, 'pg_constraint') FROM pg_constraint c WHERE c.conname = rule.name)
            IS DISTINCT FROM rule.kinds::text
        THEN
            EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT IF EXISTS %I', rule.place, rule.name);
            EXECUTE format('ALTER TABLE public.%I ADD CONSTRAINT %I CHECK (kind = ANY (%L::text[]))',
                rule.place, rule.name, rule.kinds);
            EXECUTE format('COMMENT ON CONSTRAINT %I ON public.%I IS %L', rule.name, rule.place, rule.kinds::text);
        END IF;
    END LOOP;
END $$;

-- What is posted reads the same for ever: a currency in the books keeps its code and decimals. The app's role changes neither
-- even before; it stores currencies with all their columns.
CREATE OR REPLACE FUNCTION public.books_currency_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.code, NEW.decimals) IS DISTINCT FROM (OLD.code, OLD.decimals)
        AND (current_user = 'site_app' OR EXISTS (SELECT FROM public.portfolio_ledgeraccount a WHERE a.currency = OLD.code))
    THEN
        RAISE EXCEPTION 'currency % keeps its code and decimals', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER currency_kept BEFORE UPDATE ON public.market_currency
    FOR EACH ROW EXECUTE FUNCTION public.books_currency_kept();
