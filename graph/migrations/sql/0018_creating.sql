-- A new workspace's search tables are parts of those of all, and refer to what everybody
-- writes. Whoever makes them takes all of these before the first is made, and gives way
-- where one is not to be had in a moment: nobody waits for him who waits for them. The
-- moments are short beside deadlock_timeout, after which PostgreSQL chooses whom to fail.

CREATE FUNCTION lightrag_take_search_parents() RETURNS void
LANGUAGE plpgsql SET lock_timeout = '250ms' AS $$
DECLARE
    last_try timestamptz := clock_timestamp() + interval '120 s';
BEGIN
    LOOP
        BEGIN
            -- create_graph races with itself: one workspace is made at a time.
            PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
            LOCK TABLE ONLY search_chunk, ONLY search_entity, ONLY search_relation
                IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE documents_chunk, graph_entity, graph_relation
                IN SHARE ROW EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > last_try THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.02 + random() * 0.2);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION lightrag_workspace_inserted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lightrag_take_search_parents();
    PERFORM lightrag_make_search_table('chunk', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('entity', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('relation', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_graph('workspace_' || NEW.id);
    RETURN NULL;
END $$;
