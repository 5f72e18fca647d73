-- pg_textsearch 1.0 keeps what is new in a BM25 index in shared memory. After a start of
-- PostgreSQL it reads that back at the index's next insert and not before, so until then
-- words are not found: one row of each index is written, and that undone. After a crash
-- it reads back nothing: the indexes are built anew. An unlogged table is empty after a
-- crash; the time of the server's start tells the rest.

CREATE UNLOGGED TABLE search_awake (since timestamptz NOT NULL);

CREATE FUNCTION lightrag_rouse(part regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'UPDATE %s SET lexical = lexical || '' '' WHERE ctid = '
        '(SELECT ctid FROM %s LIMIT 1 FOR UPDATE SKIP LOCKED)', part, part);
    RAISE EXCEPTION SQLSTATE 'LR001';
EXCEPTION WHEN SQLSTATE 'LR001' THEN
    NULL;  -- undone
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
