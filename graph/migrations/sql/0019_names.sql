-- Standard names for columns and functions.

ALTER TABLE search_entity RENAME COLUMN sameness TO name_key;
ALTER INDEX search_entity_sameness RENAME TO search_entity_name_key;
COMMENT ON COLUMN search_entity.name_key IS 'retrieval.index.name_key.key of the name';

-- Tables of an unfinished change of the embedding model are not partitions yet.
DO $$
DECLARE pending regclass;
BEGIN
    FOR pending IN
        SELECT oid FROM pg_class WHERE relkind = 'r' AND relname ~ '^search_entity_\d+_next$'
    LOOP
        EXECUTE format('ALTER TABLE %s RENAME COLUMN sameness TO name_key', pending);
    END LOOP;
END $$;

-- Locks the search tables for a query until the transaction ends, together with other
-- queries. Returns the embedding model of the vectors, NULL if the workspace was deleted.
ALTER FUNCTION lightrag_enter_search(bigint) RENAME TO lightrag_share_search_lock;

CREATE OR REPLACE FUNCTION lightrag_share_search_lock(workspace bigint) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('lightrag.search'), hashint8(workspace));
    -- A separate statement, so that it sees commits made while the lock was awaited.
    RETURN (SELECT embedding_model FROM documents_workspace WHERE id = workspace);
END $$;

-- Waits for queries of the workspace, and blocks new ones until the transaction ends.
ALTER FUNCTION lightrag_close_search(bigint) RENAME TO lightrag_exclusive_search_lock;

-- Locks the parents of all search partitions, and the tables that they reference, before a
-- partition is created. Each attempt has a timeout below deadlock_timeout and releases its
-- locks, so that it never waits while holding one.
DROP FUNCTION lightrag_take_search_parents();
CREATE FUNCTION lightrag_lock_search_parents() RETURNS void
LANGUAGE plpgsql SET lock_timeout = '250ms' AS $$
DECLARE
    deadline timestamptz := clock_timestamp() + interval '120 s';
BEGIN
    LOOP
        BEGIN
            -- Two concurrent calls of AGE's create_graph fail, so they are serialized.
            PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
            LOCK TABLE ONLY search_chunk, ONLY search_entity, ONLY search_relation
                IN ACCESS EXCLUSIVE MODE;
            LOCK TABLE documents_chunk, graph_entity, graph_relation
                IN SHARE ROW EXCLUSIVE MODE;
            RETURN;
        EXCEPTION WHEN lock_not_available THEN
            IF clock_timestamp() > deadline THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.02 + random() * 0.2);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION lightrag_workspace_inserted() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lightrag_lock_search_parents();
    PERFORM lightrag_make_search_table('chunk', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('entity', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('relation', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_graph('workspace_' || NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_workspace_deleted() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE kind text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
    PERFORM lightrag_exclusive_search_lock(OLD.id);
    FOREACH kind IN ARRAY ARRAY['chunk', 'entity', 'relation'] LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I, %I', 'search_' || kind || '_' || OLD.id,
                       'search_' || kind || '_' || OLD.id || '_next');
    END LOOP;
    PERFORM lightrag_drop_graph('workspace_' || OLD.id);
    RETURN NULL;
END $$;

ALTER FUNCTION lightrag_audit_stays() RENAME TO lightrag_refuse_audit_change;
ALTER TRIGGER graph_audit_stays ON graph_auditentry RENAME TO graph_audit_append_only;

UPDATE graph_entityalias SET merge_snapshot = (merge_snapshot - 'edited_over')
    || jsonb_build_object('edit_scope', merge_snapshot -> 'edited_over')
WHERE merge_snapshot ? 'edited_over';
