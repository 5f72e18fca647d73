-- Recovery of BM25 indexes after a start of PostgreSQL. Replaced by 0019_bm25.sql.

CREATE UNLOGGED TABLE search_awake (since timestamptz NOT NULL);

CREATE FUNCTION lightrag_rouse(part regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'UPDATE %s SET lexical = lexical || '' '' WHERE ctid = '
        '(SELECT ctid FROM %s LIMIT 1 FOR UPDATE SKIP LOCKED)', part, part);
    RAISE EXCEPTION SQLSTATE 'LR001';
EXCEPTION WHEN SQLSTATE 'LR001' THEN
    NULL;  -- the update is rolled back
END $$;

CREATE FUNCTION lightrag_wake_words() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    crashed boolean := NOT EXISTS (SELECT FROM search_awake);
    index regclass;
    part regclass;
BEGIN
    IF NOT lightrag_has('pg_textsearch') OR EXISTS (
        SELECT FROM search_awake WHERE since = pg_postmaster_start_time()
    ) THEN
        RETURN false;
    END IF;
    FOR index, part IN
        SELECT i.indexrelid, i.indrelid FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'bm25' AND c.relkind = 'i'
    LOOP
        IF crashed THEN
            EXECUTE format('REINDEX INDEX %s', index);
        ELSE
            PERFORM lightrag_rouse(part);
        END IF;
    END LOOP;
    DELETE FROM search_awake;
    INSERT INTO search_awake VALUES (pg_postmaster_start_time());
    RETURN true;
END $$;
