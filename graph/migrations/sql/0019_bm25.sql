-- pg_textsearch 1.0 keeps the newest part of a BM25 index in shared memory. After a restart
-- of PostgreSQL it loads that part at the next insert into the index; until then queries
-- do not find its rows. After a crash it loads nothing, and the index must be rebuilt.
-- docs/adr/0004-bm25-recovery.md describes the procedure.

-- Has a row with the server's start time once the indexes are complete. The table is
-- unlogged, so it is empty after a crash.
ALTER TABLE search_awake RENAME TO search_bm25_loaded;

DROP FUNCTION lightrag_wake_words(oid, boolean);
DROP FUNCTION lightrag_words_are_awake();
DROP FUNCTION lightrag_asleep();
DROP FUNCTION lightrag_rouse(regclass);

-- Returns why the indexes may be incomplete: 'crashed', 'stopped', or '' if they are not.
CREATE FUNCTION lightrag_bm25_recovery_reason() RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN NOT lightrag_has('pg_textsearch') THEN ''
        WHEN NOT EXISTS (SELECT FROM search_bm25_loaded) THEN 'crashed'
        WHEN EXISTS (
            SELECT FROM search_bm25_loaded WHERE since = pg_postmaster_start_time()
        ) THEN ''
        ELSE 'stopped'
    END
$$;

-- Makes the extension load an index of `partition`: updates one row and rolls that back.
CREATE FUNCTION lightrag_bm25_load(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'UPDATE %s SET lexical = lexical || '' '' WHERE ctid = '
        '(SELECT ctid FROM %s LIMIT 1 FOR UPDATE SKIP LOCKED)', partition, partition);
    RAISE EXCEPTION SQLSTATE 'LR001';
EXCEPTION WHEN SQLSTATE 'LR001' THEN
    NULL;  -- the update is rolled back
END $$;

-- Recovers one index, in a transaction of its own: a transaction that held the locks of
-- several indexes could deadlock with a query. Does nothing if the index was dropped.
CREATE FUNCTION lightrag_bm25_recover(index oid, crashed boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    partition regclass := (SELECT indrelid FROM pg_index WHERE indexrelid = index);
BEGIN
    IF partition IS NULL THEN
        RETURN;
    ELSIF crashed THEN
        -- REINDEX locks the table and then the index. Locking the table exclusively
        -- first keeps transactions out that have read it and will write to it.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
        EXECUTE format('REINDEX INDEX %s', index::regclass);
    ELSE
        PERFORM lightrag_bm25_load(partition);
    END IF;
END $$;

CREATE FUNCTION lightrag_bm25_mark_recovered() RETURNS void LANGUAGE sql AS $$
    DELETE FROM search_bm25_loaded;
    INSERT INTO search_bm25_loaded VALUES (pg_postmaster_start_time());
$$;
