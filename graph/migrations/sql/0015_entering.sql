-- Queries take a shared lock on a workspace's search tables, and a swap or drop of the tables
-- an exclusive one. The functions are renamed in 0019_names.sql.

-- Returns the embedding model until the transaction ends; NULL if the workspace is deleted.
CREATE FUNCTION lightrag_enter_search(workspace bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('lightrag.search'), hashint8(workspace));
    -- A separate statement, so that it sees commits made while the lock was awaited.
    RETURN (SELECT embedding_model FROM documents_workspace WHERE id = workspace);
END $$;

CREATE FUNCTION lightrag_close_search(workspace bigint) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('lightrag.search'), hashint8(workspace));
$$;

CREATE OR REPLACE FUNCTION lightrag_workspace_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kind text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
    PERFORM lightrag_close_search(OLD.id);
    FOREACH kind IN ARRAY ARRAY['chunk', 'entity', 'relation'] LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I, %I', 'search_' || kind || '_' || OLD.id,
                       'search_' || kind || '_' || OLD.id || '_next');
    END LOOP;
    PERFORM lightrag_drop_graph('workspace_' || OLD.id);
    RETURN NULL;
END $$;
