-- Search tables: a row for each chunk, entity and relation that queries can find.
-- They are separate tables, so that a changed description does not update a vector index,
-- and partitioned by workspace, so that workspaces do not share an index.
-- `text_hash` is the MD5 of the embedded text; the vector is stale if the text of the row
-- has another one. The columns have no dimension, it is fixed by the partition's index.

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
