-- The creation of a workspace locks all shared tables before it creates a partition. Each
-- attempt has a timeout below deadlock_timeout and releases its locks, so that it never waits
-- while holding one. The function is renamed in 0019_names.sql.

CREATE FUNCTION lightrag_take_search_parents() RETURNS void
LANGUAGE plpgsql SET lock_timeout = '250ms' AS $$
DECLARE
    last_try timestamptz := clock_timestamp() + interval '120 s';
BEGIN
    LOOP
        BEGIN
            -- Two concurrent calls of create_graph fail, so they are serialized.
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
