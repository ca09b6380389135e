-- What may happen to money? The current SQL of the books (accounts: openings.sql and freezing.sql; kinds: known.sql), run by
-- the owner after every migrate, any number of times.
--
-- Refusals carry a SQLSTATE of class TS, which portfolio/refusals.py turns into words:
--   TS010 account frozen    TS011 account closed    TS012 no such account, or of another mode
--   TS013 real trading rests (DETAIL: until when)          TS014 the house has stopped everything
--   TS020 key known with another request            TS021 one key twice in one call
--   TS030 no such quote     TS031 quote used (DETAIL: its entry)     TS032 quote expired
--   TS050 more released or reversed than was held or posted, or held without a hold
-- A balance that would fall below zero violates ledger_balance_never_negative.

-- NaN is not below zero, so a CHECK (x >= 0) lets it pass: every amount says no to it by name.
DO $$
DECLARE
    place text;
BEGIN
    FOREACH place IN ARRAY ARRAY[
        'ledgeraccount.balance', 'posting.amount', 'conversionquote.mid', 'conversionquote.rate',
        'conversionquote.spread_bps', 'conversionquote.fee_rate', 'conversionquote.fee',
        'conversionquote.amount_from', 'conversionquote.amount_to', 'conversionquote.residue']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = replace(place, '.', '_') || '_is_a_number') THEN
            EXECUTE format('ALTER TABLE public.portfolio_%I ADD CONSTRAINT %I CHECK (%I <> ''NaN'')',
                split_part(place, '.', 1), replace(place, '.', '_') || '_is_a_number', split_part(place, '.', 2));
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'conversion_quote_lifetime') THEN
        ALTER TABLE public.portfolio_conversionquote
            ADD CONSTRAINT conversion_quote_lifetime CHECK (lifetime_s BETWEEN 1 AND 60);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'ledger_account_mode_known') THEN
        ALTER TABLE public.portfolio_ledgeraccount
            ADD CONSTRAINT ledger_account_mode_known CHECK (mode IN ('virtual', 'sandbox', 'real'));
    END IF;
END $$;

-- Room on each page for the next balance, so that a movement touches no index.
ALTER TABLE public.portfolio_ledgeraccount SET (fillfactor = 80);

-- Entries and postings are for ever. TRUNCATE is refused by privilege: a trigger would stop the tests' flush.
CREATE OR REPLACE FUNCTION public.books_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON public.portfolio_journalentry
    FOR EACH ROW EXECUTE FUNCTION public.books_append_only();
CREATE OR REPLACE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON public.portfolio_posting
    FOR EACH ROW EXECUTE FUNCTION public.books_append_only();
CREATE OR REPLACE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON public.portfolio_seal
    FOR EACH ROW EXECUTE FUNCTION public.books_append_only();

-- Per entry, mode and currency every statement's postings sum to zero, and therefore all of them: nothing unbalanced is slipped
-- into an old entry either. It also stands for the foreign keys of postings: nothing they point at is ever deleted, and a
-- key's own check would lock the house's rows, which everybody's entries share. That a new entry has postings at all, and a
-- conversion the quote it was promised by, is asked when its transaction commits.
CREATE OR REPLACE FUNCTION public.books_postings_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written w
        LEFT JOIN public.portfolio_ledgeraccount a ON a.id = w.account_id
        LEFT JOIN public.portfolio_journalentry e ON e.id = w.entry_id
        GROUP BY w.entry_id, a.mode, a.currency
        HAVING sum(w.amount) <> 0 OR a.mode IS NULL OR bool_or(e.id IS NULL))
    THEN
        RAISE EXCEPTION 'an entry does not sum to zero'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.books_entry_balanced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.portfolio_posting p WHERE p.entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no postings', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_sums_to_zero';
    ELSIF NEW.kind = 'conversion'
        AND NOT EXISTS (SELECT FROM public.portfolio_conversionquote q WHERE q.accepted_entry_id = NEW.id)
    THEN
        RAISE EXCEPTION 'conversion % has no quote', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'conversion_has_quote';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER postings_balanced AFTER INSERT ON public.portfolio_posting
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.books_postings_balanced();
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'entry_balanced') THEN
        CREATE CONSTRAINT TRIGGER entry_balanced AFTER INSERT ON public.portfolio_journalentry
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.books_entry_balanced();
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgname = 'posting_balanced') THEN -- of a version that asked row by row
        DROP TRIGGER posting_balanced ON public.portfolio_posting;
        DROP FUNCTION public.books_balanced();
    END IF;
END $$;

-- A ledger account is never deleted, and only its balance ever changes. Asked after the fact: a trigger before it would lock
-- the row of every movement once more, whichever columns it names.
CREATE OR REPLACE FUNCTION public.books_ledger_account_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.id, NEW.owner_id, NEW.mode, NEW.currency, NEW.kind)
        IS DISTINCT FROM (OLD.id, OLD.owner_id, OLD.mode, OLD.currency, OLD.kind)
    THEN
        RAISE EXCEPTION 'a ledger account is kept as it was opened' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER ledger_account_kept
    AFTER DELETE OR UPDATE OF id, owner_id, mode, currency, kind ON public.portfolio_ledgeraccount
    FOR EACH ROW EXECUTE FUNCTION public.books_ledger_account_kept();

-- A quote is born open, in the database's time; every term of it is fixed at birth.
CREATE OR REPLACE FUNCTION public.books_quote_born() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.portfolio_tradingaccount a WHERE a.id = NEW.account_id AND a.user_id = NEW.user_id) THEN
        RAISE EXCEPTION 'a quote belongs to the owner of its account' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.created_at := clock_timestamp();
    NEW.expires_at := NEW.created_at + make_interval(secs => NEW.lifetime_s);
    NEW.accepted_entry_id := NULL;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.books_quote_kept() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.accepted_entry_id IS NOT NULL
        OR to_jsonb(NEW) - 'accepted_entry_id' <> to_jsonb(OLD) - 'accepted_entry_id'
    THEN
        RAISE EXCEPTION 'a quote is kept as it was given' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER quote_born BEFORE INSERT ON public.portfolio_conversionquote
    FOR EACH ROW EXECUTE FUNCTION public.books_quote_born();
CREATE OR REPLACE TRIGGER quote_kept BEFORE UPDATE ON public.portfolio_conversionquote
    FOR EACH ROW EXECUTE FUNCTION public.books_quote_kept();

-- Open the ledger accounts that are missing.
CREATE OR REPLACE FUNCTION public.books_open(
    p_mode text, e_account bigint[], l_entry int[], l_kind text[], l_currency text[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.portfolio_ledgeraccount (owner_id, mode, currency, kind, balance)
        SELECT DISTINCT w.owner, p_mode, w.currency, w.kind, CASE WHEN w.owner IS NULL THEN NULL ELSE 0 END
        FROM (SELECT CASE WHEN l.kind NOT LIKE 'house:%' THEN e_account[l.n] END AS owner, l.currency, l.kind
              FROM unnest(l_entry, l_kind, l_currency) AS l(n, kind, currency)) AS w
        ORDER BY w.owner, w.currency, w.kind
        ON CONFLICT DO NOTHING;
END $$;

-- Say why a trading account may not be moved: closed, frozen, not there, or of another mode.
CREATE OR REPLACE FUNCTION public.books_refuse(p_mode text, e_account bigint[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    bad record;
BEGIN
    SELECT t.* INTO bad FROM public.portfolio_tradingaccount t
        WHERE t.id = ANY (e_account) AND t.mode = p_mode AND (t.closed_at IS NOT NULL OR t.frozen_at IS NOT NULL) LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an account does not exist in mode %', p_mode USING ERRCODE = 'TS012';
    ELSIF bad.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'account closed' USING ERRCODE = 'TS011';
    END IF;
    RAISE EXCEPTION 'account frozen' USING ERRCODE = 'TS010', DETAIL = bad.frozen_reason;
END $$;

-- After a reset of password or second factor real money rests; asked under the accounts' locks.
CREATE OR REPLACE FUNCTION public.books_refuse_held(e_account bigint[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_until timestamptz;
BEGIN
    SELECT max(u.real_held_until) INTO v_until FROM public.portfolio_tradingaccount t
        JOIN public.accounts_user u ON u.id = t.user_id WHERE t.id = ANY (e_account);
    IF v_until > clock_timestamp() THEN
        RAISE EXCEPTION 'real trading rests' USING ERRCODE = 'TS013',
            DETAIL = to_char(v_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    END IF;
END $$;

-- Only a hold holds. A release gives back of a hold, a reversal undoes an entry, and neither more than that one took.
CREATE OR REPLACE FUNCTION public.books_check_references(p_entries bigint[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.portfolio_journalentry e
        LEFT JOIN public.portfolio_journalentry r ON r.id = e.refers_to_id
        WHERE e.id = ANY (p_entries)
            AND (e.kind = 'release' AND r.kind IS DISTINCT FROM 'hold' OR e.kind = 'reversal' AND r.id IS NULL)
    ) OR EXISTS (
        SELECT FROM public.portfolio_journalentry e
        JOIN public.portfolio_journalentry h ON h.id = coalesce(e.refers_to_id, e.id)
        JOIN public.portfolio_posting p ON p.entry_id = e.id
        JOIN public.portfolio_ledgeraccount a ON a.id = p.account_id AND a.kind = 'held'
        WHERE e.id = ANY (p_entries) AND (h.kind <> 'hold' OR (p.amount > 0) <> (e.kind = 'hold'))
    ) OR EXISTS (
        SELECT FROM public.portfolio_journalentry e
        JOIN public.portfolio_journalentry f ON f.id = e.refers_to_id OR f.refers_to_id = e.refers_to_id
        JOIN public.portfolio_posting p ON p.entry_id = f.id
        JOIN public.portfolio_ledgeraccount a ON a.id = p.account_id AND a.kind = 'held'
        WHERE e.id = ANY (p_entries) GROUP BY e.refers_to_id, a.id HAVING sum(p.amount) < 0
    ) OR EXISTS (
        SELECT FROM public.portfolio_journalentry e
        JOIN public.portfolio_posting p ON p.entry_id IN (e.id, e.refers_to_id)
        WHERE e.id = ANY (p_entries) AND e.kind = 'reversal' GROUP BY e.id, p.account_id HAVING sum(p.amount) <> 0)
    THEN
        RAISE EXCEPTION 'more is given back than was taken, or held without a hold' USING ERRCODE = 'TS050';
    END IF;
END $$;

-- Write entries: all of them or none. A leg names its entry by the place in the call (1, 2, …), and a ledger account by
-- kind and currency: the entry's own trading account's, or the house's. A known key answers with the earlier entry.
CREATE OR REPLACE FUNCTION public.books_post(
    p_mode text, p_actor text, p_address inet,
    e_account bigint[], e_scope text[], e_key text[], e_hash text[], e_kind text[], e_reason text[],
    e_simulated boolean[], e_refers bigint[],
    l_entry int[], l_kind text[], l_currency text[], l_amount numeric[])
RETURNS TABLE (entry_id bigint, entry_uuid uuid, entry_time timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_count int := cardinality(e_key);
    v_now timestamptz := clock_timestamp();
    v_transaction xid8 := pg_current_xact_id();  -- before any id is taken: see audit_note
    v_ids bigint[] := ARRAY[nextval('public.portfolio_journalentry_id_seq')];
    v_uuids uuid[] := ARRAY[gen_random_uuid()];
    v_owners bigint[] := e_account;
    v_accounts bigint[];
    v_claimed int;
    v_rows int;
    v_usable boolean;
    -- A hold that is given back moves nothing out of its account: it passes where everything else is stopped.
    v_gives_back boolean := e_kind <@ ARRAY['release'] AND l_kind <@ ARRAY['available', 'held'];
BEGIN
    IF v_count > 1 THEN
        SELECT array_agg(nextval('public.portfolio_journalentry_id_seq')), array_agg(gen_random_uuid())
            INTO v_ids, v_uuids FROM generate_series(1, v_count);
    END IF;

    -- The keys first: a second request with one of them waits here until the first has ended.
    INSERT INTO public.portfolio_journalentry
        (id, public_id, account_id, scope, key, request_hash, kind, actor, address, reason, simulated, refers_to_id, created_at)
    SELECT e.id, e.uuid, e.account, e.scope, e.key, e.hash, e.kind, p_actor, p_address, e.reason, e.simulated, e.refers, v_now
        FROM unnest(v_ids, v_uuids, e_account, e_scope, e_key, e_hash, e_kind, e_reason, e_simulated, e_refers)
            AS e(id, uuid, account, scope, key, hash, kind, reason, simulated, refers)
        ORDER BY e.scope, e.key
        ON CONFLICT (scope, key) DO NOTHING;
    GET DIAGNOSTICS v_claimed = ROW_COUNT;
    IF v_claimed < v_count THEN
        IF EXISTS (SELECT FROM unnest(e_scope, e_key) AS k(scope, key) GROUP BY k.scope, k.key HAVING count(*) > 1) THEN
            RAISE EXCEPTION 'one key twice in one call' USING ERRCODE = 'TS021';
        ELSIF EXISTS (
            SELECT FROM unnest(e_scope, e_key, e_hash) AS k(scope, key, hash)
            JOIN public.portfolio_journalentry e ON e.scope = k.scope AND e.key = k.key
            WHERE e.request_hash <> k.hash)
        THEN
            RAISE EXCEPTION 'key known with another request' USING ERRCODE = 'TS020';
        END IF;
        -- What is known already moves nothing: only the legs of new entries are left.
        SELECT array_agg(l.n), array_agg(l.kind), array_agg(l.currency), array_agg(l.amount)
            INTO l_entry, l_kind, l_currency, l_amount
            FROM unnest(l_entry, l_kind, l_currency, l_amount) AS l(n, kind, currency, amount)
            WHERE EXISTS (SELECT FROM public.portfolio_journalentry e WHERE e.id = v_ids[l.n]);
        v_owners := ARRAY(SELECT e.account_id FROM public.portfolio_journalentry e WHERE e.id = ANY (v_ids));
    END IF;

    IF v_claimed > 0 THEN
        -- The first play money of who signs up is no movement of anybody's.
        IF NOT v_gives_back AND NOT (p_mode = 'virtual' AND e_kind <@ ARRAY['grant'] AND e_scope <@ ARRAY['system']) THEN
            PERFORM pg_advisory_xact_lock_shared(7263558);  -- the house stops everything between movements only: freezing.sql
            IF EXISTS (SELECT FROM public.portfolio_stop s WHERE s.ended_at IS NULL) THEN
                RAISE EXCEPTION 'all money is stopped' USING ERRCODE = 'TS014';
            END IF;
        END IF;
        -- Whoever moves, closes or freezes an account holds this lock; accounts are locked in the order of their ids.
        SELECT count(*), bool_and(t.is_usable) INTO v_rows, v_usable FROM (
            SELECT t.mode = p_mode AND t.closed_at IS NULL AND (t.frozen_at IS NULL OR v_gives_back) AS is_usable
            FROM public.portfolio_tradingaccount t WHERE t.id = ANY (v_owners) ORDER BY t.id FOR NO KEY UPDATE) AS t;
        IF NOT v_usable OR v_rows = 0 AND num_nonnulls(VARIADIC v_owners) > 0 THEN
            PERFORM public.books_refuse(p_mode, v_owners);
        END IF;
        IF p_mode = 'real' AND NOT v_gives_back THEN
            PERFORM public.books_refuse_held(v_owners);
        END IF;
        FOR attempt IN 1..2 LOOP
            v_accounts := ARRAY(
                SELECT CASE WHEN l.kind LIKE 'house:%'
                    THEN (SELECT a.id FROM public.portfolio_ledgeraccount a WHERE a.owner_id IS NULL
                          AND a.mode = p_mode AND a.kind = l.kind AND a.currency = l.currency)
                    ELSE (SELECT CASE WHEN l.amount <> round(l.amount, c.decimals) THEN 0 ELSE a.id END
                          FROM public.portfolio_ledgeraccount a JOIN public.market_currency c ON c.code = a.currency
                          WHERE a.owner_id = e_account[l.n] AND a.kind = l.kind AND a.currency = l.currency) END
                FROM unnest(l_entry, l_kind, l_currency, l_amount) AS l(n, kind, currency, amount));
            EXIT WHEN array_position(v_accounts, NULL) IS NULL;
            PERFORM public.books_open(p_mode, e_account, l_entry, l_kind, l_currency);
        END LOOP;
        -- What the house rounds away is finer than any currency; what people have never is.
        IF 0 = ANY (v_accounts) THEN
            RAISE EXCEPTION 'an amount is finer than its currency'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_fits_currency';
        END IF;
        WITH moved AS (
            UPDATE public.portfolio_ledgeraccount a SET balance = a.balance + d.amount
            FROM (SELECT l.account, sum(l.amount::numeric(38,18)) AS amount
                  FROM unnest(v_accounts, l_amount) AS l(account, amount) GROUP BY l.account) AS d
            WHERE a.id = d.account AND a.owner_id IS NOT NULL)
        INSERT INTO public.portfolio_posting (entry_id, account_id, amount)
            SELECT v_ids[l.n], l.account, l.amount FROM unnest(v_accounts, l_entry, l_amount) AS l(account, n, amount)
            WHERE l.amount IS DISTINCT FROM 0;
        IF num_nonnulls(VARIADIC e_refers) > 0 OR 'held' = ANY (l_kind) OR e_kind && ARRAY['release', 'reversal'] THEN
            PERFORM public.books_check_references(v_ids);
        END IF;
    END IF;

    IF v_claimed = v_count THEN
        FOR place IN 1..v_count LOOP
            entry_id := v_ids[place];
            entry_uuid := v_uuids[place];
            entry_time := v_now;
            replayed := false;
            RETURN NEXT;
        END LOOP;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT e.id, e.public_id, e.created_at, e.id <> k.id
        FROM unnest(v_ids, e_scope, e_key) WITH ORDINALITY AS k(id, scope, key, n)
        JOIN public.portfolio_journalentry e ON e.scope = k.scope AND e.key = k.key ORDER BY k.n;
END $$;

-- Accept a quote: once, in time by this database's clock, by its owner, at exactly its terms.
CREATE OR REPLACE FUNCTION public.books_accept(
    p_quote uuid, p_user bigint, p_scope text, p_key text, p_hash text, p_actor text, p_address inet)
RETURNS TABLE (entry_id bigint, entry_uuid uuid, entry_time timestamptz, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    q record;
    known record;
    done record;
BEGIN
    SELECT c.*, t.mode INTO q FROM public.portfolio_conversionquote c
        JOIN public.portfolio_tradingaccount t ON t.id = c.account_id
        WHERE c.public_id = p_quote AND c.user_id = p_user FOR NO KEY UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such quote' USING ERRCODE = 'TS030';
    END IF;
    SELECT e.* INTO known FROM public.portfolio_journalentry e WHERE e.scope = p_scope AND e.key = p_key;
    IF FOUND AND (known.request_hash <> p_hash OR known.id IS DISTINCT FROM q.accepted_entry_id) THEN
        RAISE EXCEPTION 'key known with another request' USING ERRCODE = 'TS020';
    ELSIF FOUND THEN
        RETURN QUERY SELECT known.id, known.public_id, known.created_at, true;
        RETURN;
    ELSIF q.accepted_entry_id IS NOT NULL THEN
        RAISE EXCEPTION 'quote used' USING ERRCODE = 'TS031', DETAIL =
            (SELECT e.public_id::text FROM public.portfolio_journalentry e WHERE e.id = q.accepted_entry_id);
    ELSIF q.expires_at <= clock_timestamp()
        OR q.created_at > clock_timestamp() + interval '2 seconds' -- the clock was set back, by nobody knows how much
    THEN
        RAISE EXCEPTION 'quote expired' USING ERRCODE = 'TS032';
    END IF;
    SELECT * INTO done FROM public.books_post(
        q.mode, p_actor, p_address,
        ARRAY[q.account_id], ARRAY[p_scope], ARRAY[p_key], ARRAY[p_hash], ARRAY['conversion'], ARRAY[''], ARRAY[q.simulated],
        ARRAY[NULL::bigint],
        ARRAY[1, 1, 1, 1, 1, 1],
        ARRAY['available', 'house:liquidity', 'house:fees', 'house:liquidity', 'available', 'house:rounding'],
        ARRAY[q.from_code, q.from_code, q.from_code, q.to_code, q.to_code, q.to_code],
        ARRAY[-q.amount_from, q.amount_from - q.fee, q.fee, -(q.amount_to + q.residue), q.amount_to, q.residue]);
    IF NOT done.replayed THEN
        UPDATE public.portfolio_conversionquote SET accepted_entry_id = done.entry_id WHERE id = q.id;
    END IF;
    RETURN QUERY SELECT done.entry_id, done.entry_uuid, done.entry_time, done.replayed;
END $$;

-- Quotes nobody took are forgotten after 30 days; those that were taken are kept for ever.
CREATE OR REPLACE FUNCTION public.books_forget_quotes() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM public.portfolio_conversionquote
        WHERE accepted_entry_id IS NULL AND expires_at < clock_timestamp() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM gone;
$$;
