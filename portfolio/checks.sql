-- Do the books hold? One query per question, each after a line "-- name: what a row of its answer means".
-- A query answers with the ids of what is wrong; an empty answer is a proof. Read by portfolio/books.py.

-- unbalanced: entries whose postings do not sum to zero per mode and currency
SELECT DISTINCT p.entry_id
FROM portfolio_posting p JOIN portfolio_ledgeraccount a ON a.id = p.account_id
GROUP BY p.entry_id, a.mode, a.currency HAVING sum(p.amount) <> 0;

-- empty: entries without postings
SELECT e.id FROM portfolio_journalentry e
WHERE NOT EXISTS (SELECT FROM portfolio_posting p WHERE p.entry_id = e.id);

-- astray: postings that point nowhere, or in another person's ledger account, or of another mode, than their entry's
SELECT p.id
FROM portfolio_posting p
LEFT JOIN portfolio_ledgeraccount a ON a.id = p.account_id
LEFT JOIN portfolio_journalentry e ON e.id = p.entry_id
LEFT JOIN portfolio_tradingaccount t ON t.id = e.account_id
WHERE a.owner_id <> coalesce(e.account_id, 0) OR a.mode <> t.mode OR a.id IS NULL OR e.id IS NULL;

-- drifted: ledger accounts whose balance is not the sum of their postings
SELECT a.id
FROM portfolio_ledgeraccount a
LEFT JOIN (SELECT account_id, sum(amount) AS total FROM portfolio_posting GROUP BY account_id) p
    ON p.account_id = a.id
WHERE a.owner_id IS NOT NULL AND a.balance IS DISTINCT FROM coalesce(p.total, 0);

-- negative: balances of people below zero, missing, or no number
SELECT id FROM portfolio_ledgeraccount
WHERE owner_id IS NOT NULL AND (balance IS NULL OR balance < 0 OR balance = 'NaN');

-- too_fine: postings of people with more decimals than the currency has
SELECT p.id
FROM portfolio_posting p
JOIN portfolio_ledgeraccount a ON a.id = p.account_id AND a.owner_id IS NOT NULL
JOIN market_currency c ON c.code = a.currency
WHERE p.amount <> round(p.amount, c.decimals);

-- loose_holds: ledger accounts that hold money without a hold, or less than their holds
SELECT a.id
FROM portfolio_ledgeraccount a
LEFT JOIN (
    SELECT p.account_id, sum(p.amount) AS total
    FROM portfolio_posting p
    JOIN portfolio_journalentry e ON e.id = p.entry_id
    JOIN portfolio_journalentry h ON h.id = coalesce(e.refers_to_id, e.id) AND h.kind = 'hold'
    GROUP BY p.account_id) held ON held.account_id = a.id
WHERE a.kind = 'held' AND a.balance <> coalesce(held.total, 0);

-- over_released: holds of which more was given back than was held
SELECT coalesce(e.refers_to_id, e.id)
FROM portfolio_posting p
JOIN portfolio_ledgeraccount a ON a.id = p.account_id AND a.kind = 'held'
JOIN portfolio_journalentry e ON e.id = p.entry_id
GROUP BY coalesce(e.refers_to_id, e.id), p.account_id HAVING sum(p.amount) < 0;

-- false_reversals: reversals that are not the exact opposite of their entry
SELECT DISTINCT e.id
FROM portfolio_journalentry e
JOIN portfolio_posting p ON p.entry_id IN (e.id, e.refers_to_id)
WHERE e.kind = 'reversal' GROUP BY e.id, p.account_id HAVING sum(p.amount) <> 0;

-- misquoted: accepted quotes whose entry is not exactly what was quoted
SELECT q.id
FROM portfolio_conversionquote q
JOIN portfolio_tradingaccount t ON t.id = q.account_id
JOIN portfolio_journalentry e ON e.id = q.accepted_entry_id
LEFT JOIN LATERAL (
    SELECT sum(p.amount) FILTER (WHERE a.kind = 'available' AND a.currency = q.from_code) AS debit,
        sum(p.amount) FILTER (WHERE a.kind = 'available' AND a.currency = q.to_code) AS credit,
        sum(p.amount) FILTER (WHERE a.kind = 'house:fees' AND a.currency = q.from_code) AS fee,
        sum(p.amount) FILTER (WHERE a.kind = 'house:rounding' AND a.currency = q.to_code) AS residue
    FROM portfolio_posting p JOIN portfolio_ledgeraccount a ON a.id = p.account_id
    WHERE p.entry_id = e.id) s ON true
WHERE e.kind <> 'conversion' OR e.account_id <> q.account_id OR e.simulated <> q.simulated
    OR t.user_id <> q.user_id OR e.created_at > q.expires_at + interval '10 seconds'
    OR s.debit IS DISTINCT FROM -q.amount_from OR s.credit IS DISTINCT FROM q.amount_to
    OR coalesce(s.fee, 0) <> q.fee OR coalesce(s.residue, 0) <> q.residue;

-- unquoted: conversions without a quote
SELECT e.id FROM portfolio_journalentry e
WHERE e.kind = 'conversion'
    AND NOT EXISTS (SELECT FROM portfolio_conversionquote q WHERE q.accepted_entry_id = e.id);

-- overdue: virtual accounts without their grant
SELECT t.id FROM portfolio_tradingaccount t
WHERE t.mode = 'virtual'
    AND NOT EXISTS (SELECT FROM portfolio_journalentry e WHERE e.account_id = t.id AND e.kind = 'grant');

-- thawed: open accounts of people who froze everything, that may move
SELECT t.id
FROM portfolio_tradingaccount t JOIN accounts_user u ON u.id = t.user_id AND u.frozen_at IS NOT NULL
WHERE t.frozen_at IS NULL AND t.closed_at IS NULL;
