-- The search tables: one row for each chunk, entity and relation that can be found.
-- They stand apart from the rows they speak of, so that a changed description does not
-- touch a vector index, and they are partitioned so that workspaces share no index.
-- `text_hash` is the MD5 of the text that was embedded: where it differs from the
-- row's own, the vector is stale. Vectors carry no dimension here: each partition's
-- index fixes it.

CREATE TABLE search_chunk (
    workspace_id bigint NOT NULL,
    chunk_id bigint NOT NULL,
    vector halfvec,
    lexical text NOT NULL,
    text_hash text NOT NULL,
    PRIMARY KEY (workspace_id, chunk_id),
    FOREIGN KEY (workspace_id, chunk_id)
        REFERENCES documents_chunk (workspace_id, id) ON DELETE CASCADE
) PARTITION BY LIST (workspace_id);

CREATE TABLE search_entity (
    workspace_id bigint NOT NULL,
    entity_id bigint NOT NULL,
    vector halfvec,
    lexical text NOT NULL,
    text_hash text NOT NULL,
    PRIMARY KEY (workspace_id, entity_id),
    FOREIGN KEY (workspace_id, entity_id)
        REFERENCES graph_entity (workspace_id, id) ON DELETE CASCADE
) PARTITION BY LIST (workspace_id);

CREATE TABLE search_relation (
    workspace_id bigint NOT NULL,
    relation_id bigint NOT NULL,
    vector halfvec,
    text_hash text NOT NULL,
    PRIMARY KEY (workspace_id, relation_id),
    FOREIGN KEY (workspace_id, relation_id)
        REFERENCES graph_relation (workspace_id, id) ON DELETE CASCADE
) PARTITION BY LIST (workspace_id);
