-- No query reads a workspace that is marked as deleted.
CREATE OR REPLACE FUNCTION lightrag_share_search_lock(workspace bigint)
RETURNS TABLE (model text, index_id bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('lightrag.search'), hashint8(workspace));
    -- A separate statement, so that it sees commits made while the lock was awaited.
    RETURN QUERY SELECT embedding_model::text, search_index
        FROM documents_workspace WHERE id = workspace AND deleted_at IS NULL;
END $$;
