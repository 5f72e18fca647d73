-- Each BM25 index is recovered in a transaction of its own. Replaced by 0019_bm25.sql.
DROP FUNCTION lightrag_wake_words();

CREATE FUNCTION lightrag_asleep() RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN NOT lightrag_has('pg_textsearch') THEN ''
        WHEN NOT EXISTS (SELECT FROM search_awake) THEN 'crashed'
        WHEN EXISTS (SELECT FROM search_awake WHERE since = pg_postmaster_start_time()) THEN ''
        ELSE 'stopped'
    END
$$;

CREATE FUNCTION lightrag_wake_words(index oid, crashed boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part regclass := (SELECT indrelid FROM pg_index WHERE indexrelid = index);
BEGIN
    IF part IS NULL THEN
        RETURN;
    ELSIF crashed THEN
        -- The table first, exclusively, so that no reader of it can write to it.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', part);
        EXECUTE format('REINDEX INDEX %s', index::regclass);
    ELSE
        PERFORM lightrag_rouse(part);
    END IF;
END $$;

CREATE FUNCTION lightrag_words_are_awake() RETURNS void LANGUAGE sql AS $$
    DELETE FROM search_awake;
    INSERT INTO search_awake VALUES (pg_postmaster_start_time());
$$;
