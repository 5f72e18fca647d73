-- The search tables hold search indexes: `index_id` says to which index a row belongs, and
-- documents_workspace.search_index which index a workspace uses. Negative indexes share one
-- partition and are searched exactly; a positive one has partitions and approximate indexes
-- of its own (docs/adr/0015-shared-search-tables.md). An index is filled beside the one in use,
-- and one update of the workspace's row switches to it.
-- There are no foreign keys to chunks, entities and relations: attaching and dropping a
-- partition would lock those tables. Statement triggers delete the rows instead.

DROP TRIGGER lightrag_workspace_inserted ON documents_workspace;
DROP TRIGGER lightrag_workspace_deleted ON documents_workspace;
DROP FUNCTION lightrag_workspace_inserted();
DROP FUNCTION lightrag_workspace_deleted();
DROP FUNCTION lightrag_lock_search_parents();
DROP FUNCTION lightrag_swap_search_table(text, bigint);
DROP FUNCTION lightrag_make_search_table(text, bigint, int);

-- Dropped when the last workspace has been moved (0021_drop_old_tables.sql).
ALTER TABLE search_chunk RENAME TO search_chunk_before_0021;
ALTER TABLE search_entity RENAME TO search_entity_before_0021;
ALTER TABLE search_relation RENAME TO search_relation_before_0021;
ALTER INDEX search_chunk_pkey RENAME TO search_chunk_before_0021_pkey;
ALTER INDEX search_entity_pkey RENAME TO search_entity_before_0021_pkey;
ALTER INDEX search_relation_pkey RENAME TO search_relation_before_0021_pkey;
ALTER INDEX search_entity_words RENAME TO search_entity_before_0021_words;
ALTER INDEX search_entity_name_key RENAME TO search_entity_before_0021_name_key;

-- `terms` and `length` (the number of words) are set for rows of shared indexes only.
CREATE TABLE search_chunk (
    index_id bigint NOT NULL,
    chunk_id bigint NOT NULL,
    vector halfvec,
    lexical text NOT NULL,
    text_hash text NOT NULL,
    terms tsvector,
    length int,
    PRIMARY KEY (index_id, chunk_id)
) PARTITION BY RANGE (index_id);

CREATE TABLE search_entity (
    index_id bigint NOT NULL,
    entity_id bigint NOT NULL,
    vector halfvec,
    lexical text NOT NULL,
    text_hash text NOT NULL,
    name_key text,
    terms tsvector,
    length int,
    PRIMARY KEY (index_id, entity_id)
) PARTITION BY RANGE (index_id);
CREATE INDEX search_entity_name_key ON search_entity (index_id, name_key);
COMMENT ON COLUMN search_entity.name_key IS 'retrieval.index.name_key.key of the name';

CREATE TABLE search_relation (
    index_id bigint NOT NULL,
    relation_id bigint NOT NULL,
    vector halfvec,
    text_hash text NOT NULL,
    PRIMARY KEY (index_id, relation_id)
) PARTITION BY RANGE (index_id);

CREATE TABLE search_chunk_shared PARTITION OF search_chunk FOR VALUES FROM (MINVALUE) TO (0);
CREATE TABLE search_entity_shared PARTITION OF search_entity FOR VALUES FROM (MINVALUE) TO (0);
CREATE TABLE search_relation_shared
PARTITION OF search_relation FOR VALUES FROM (MINVALUE) TO (0);

-- Deletes the search rows of deleted chunks, entities or relations from the index in use. One
-- that is being built is compared with it before it is used.
CREATE FUNCTION lightrag_delete_search_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := TG_ARGV[0];
    index bigint;
BEGIN
    FOR index IN SELECT DISTINCT w.search_index
        FROM old_rows o JOIN documents_workspace w ON w.id = o.workspace_id
    LOOP
        EXECUTE format('DELETE FROM search_%s WHERE index_id = %s'
                       ' AND %s_id = ANY (ARRAY(SELECT id FROM old_rows))', kind, index, kind);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER lightrag_search_rows_deleted AFTER DELETE ON documents_chunk
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_delete_search_rows('chunk');
CREATE TRIGGER lightrag_search_rows_deleted AFTER DELETE ON graph_entity
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_delete_search_rows('entity');
CREATE TRIGGER lightrag_search_rows_deleted AFTER DELETE ON graph_relation
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_delete_search_rows('relation');

-- The indexes of deleted workspaces, whose rows and graphs a worker deletes.
CREATE FUNCTION lightrag_workspaces_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE retrieval_searchindex SET state = 'retired'
    WHERE workspace_id IN (SELECT id FROM old_rows);
    INSERT INTO retrieval_searchindex
        (id, workspace_id, state, embedding_model, embedding_dimensions)
    SELECT search_index, id, 'retired', '', 0 FROM old_rows WHERE search_index <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER lightrag_workspaces_deleted AFTER DELETE ON documents_workspace
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_workspaces_deleted();

-- Sets what lightrag_rank_chunks and lightrag_rank_entities read. The weight A lets
-- ts_rank return a number from which the frequency of a word can be computed.
CREATE FUNCTION lightrag_set_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.terms := setweight(to_tsvector('simple', NEW.lexical), 'A');
    NEW.length := cardinality(string_to_array(NEW.lexical, ' '));
    RETURN NEW;
END $$;

CREATE TRIGGER lightrag_set_terms BEFORE INSERT OR UPDATE OF lexical ON search_chunk_shared
FOR EACH ROW EXECUTE FUNCTION lightrag_set_terms();
CREATE TRIGGER lightrag_set_terms BEFORE INSERT OR UPDATE OF lexical ON search_entity_shared
FOR EACH ROW EXECUTE FUNCTION lightrag_set_terms();

-- lightrag_rank_chunks(index, text) and lightrag_rank_entities(index, text): the rows of a
-- shared index that contain a word of the text, with their BM25 scores (k1 = 1.2, b = 0.75),
-- from the statistics of this index alone.
--
-- ts_rank of a single word of weight A that occurs n times is the sum of 1/j² for j = 1 to
-- n, divided by pi²/6. The sum is about pi²/6 - 1/(n + 0.5), which is solved for n. A copy
-- of the terms (setweight) is decompressed once and not for each word.
DO $do$
DECLARE kind text; name text;
BEGIN
    FOR kind, name IN VALUES ('chunk', 'chunks'), ('entity', 'entities') LOOP
        EXECUTE format($sql$
            CREATE FUNCTION lightrag_rank_%2$s(index bigint, words text)
            RETURNS TABLE (%1$s_id bigint, score float8) LANGUAGE sql STABLE AS $$
                WITH words AS MATERIALIZED (
                    SELECT number, quote_literal(lexeme)::tsquery AS word
                    FROM unnest(tsvector_to_array(to_tsvector('simple', $2)))
                        WITH ORDINALITY AS w (lexeme, number)
                ), size AS MATERIALIZED (
                    SELECT count(*)::float8 AS rows, greatest(avg(length), 1)::float8 AS length
                    FROM search_%1$s_shared WHERE index_id = $1
                ), occurrences AS (
                    SELECT s.id, o.frequency, s.length / size.length AS length, size.rows,
                        (count(*) OVER (PARTITION BY o.number))::float8 AS containing
                    FROM size, (
                        SELECT %1$s_id AS id, length::float8 AS length,
                            setweight(terms, 'A') AS terms
                        FROM search_%1$s_shared WHERE index_id = $1 OFFSET 0
                    ) s, LATERAL (
                        SELECT number, round(
                            1 / (pi() * pi() / 6 * (1 - ts_rank(s.terms, word))) - 0.5e0
                        ) AS frequency
                        FROM words WHERE s.terms @@ word OFFSET 0
                    ) o
                )
                SELECT id, sum(
                    ln(1 + (rows - containing + 0.5e0) / (containing + 0.5e0))
                    * frequency * 2.2e0 / (frequency + 1.2e0 * (0.25e0 + 0.75e0 * length)))
                FROM occurrences GROUP BY id
            $$
        $sql$, kind, name);
    END LOOP;
END $do$;

-- Creates a partition without search indexes, so that it can be filled first. Attaching it
-- locks the parent in a mode that neither queries nor writers conflict with.
CREATE FUNCTION lightrag_make_search_table(kind text, index bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    parent text := 'search_' || kind;
    child text := parent || '_' || index;
BEGIN
    IF to_regclass(child) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                       parent, child, index, index + 1);
    END IF;
END $$;

-- pgvector's defaults, m = 16 and ef_construction = 64. With 12 and 48, the index of a million
-- entities found 83 % of the ten nearest, with the defaults 95 %.
CREATE OR REPLACE FUNCTION lightrag_make_search_indexes(kind text, name text, dims int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I'
                   ' USING hnsw ((vector::halfvec(%s)) halfvec_cosine_ops)',
                   name || '_hnsw', name, dims);
    IF kind = 'entity' THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I USING hash (lexical)',
                       name || '_words', name);
    END IF;
    IF kind = 'relation' THEN
        RETURN;
    ELSIF lightrag_has('pg_textsearch') THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I'
                       ' USING bm25 (lexical) WITH (text_config = ''simple'')',
                       name || '_bm25', name);
    ELSE
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I'
                       ' USING gin (to_tsvector(''simple'', lexical))', name || '_gin', name);
    END IF;
END $$;

-- Locks the search index of a workspace for a query until the transaction ends, together
-- with other queries: its rows are not deleted meanwhile, although another index may be in
-- use by then. Returns no row if the workspace was deleted.
DROP FUNCTION lightrag_share_search_lock(bigint);
CREATE FUNCTION lightrag_share_search_lock(workspace bigint)
RETURNS TABLE (model text, index_id bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('lightrag.search'), hashint8(workspace));
    -- A separate statement, so that it sees commits made while the lock was awaited.
    RETURN QUERY SELECT embedding_model::text, search_index
        FROM documents_workspace WHERE id = workspace;
END $$;
