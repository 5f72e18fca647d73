-- Each index is woken in a transaction of its own: one that held several, and waited for
-- the next, would wait for a question that holds that one and waits for those.
DROP FUNCTION lightrag_wake_words();

-- 'crashed' or 'stopped', as PostgreSQL did since words were last woken; '': they are awake.
CREATE FUNCTION lightrag_asleep() RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN NOT lightrag_has('pg_textsearch') THEN ''
        WHEN NOT EXISTS (SELECT FROM search_awake) THEN 'crashed'
        WHEN EXISTS (SELECT FROM search_awake WHERE since = pg_postmaster_start_time()) THEN ''
        ELSE 'stopped'
    END
$$;

-- Nothing where its workspace was deleted meanwhile.
CREATE FUNCTION lightrag_wake_words(index oid, crashed boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part regclass := (SELECT indrelid FROM pg_index WHERE indexrelid = index);
BEGIN
    IF part IS NULL THEN
        RETURN;
    ELSIF crashed THEN
        -- The table first, and wholly: who has read it and wants to write is let by.
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
