-- Search tables that are created beside the partitions in use and then replace them.

CREATE FUNCTION lightrag_make_search_indexes(kind text, name text, dims int)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE INDEX %I ON %I USING hnsw ((vector::halfvec(%s)) halfvec_cosine_ops)',
                   name || '_hnsw', name, dims);
    IF kind = 'relation' THEN
        RETURN;
    ELSIF lightrag_has('pg_textsearch') THEN
        EXECUTE format('CREATE INDEX %I ON %I USING bm25 (lexical) WITH (text_config = ''simple'')',
                       name || '_bm25', name);
    ELSE
        EXECUTE format('CREATE INDEX %I ON %I USING gin (to_tsvector(''simple'', lexical))',
                       name || '_gin', name);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION lightrag_make_search_table(kind text, workspace bigint, dims int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text := 'search_' || kind;
    child text := parent || '_' || workspace;
BEGIN
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s)',
                   child, parent, workspace);
    PERFORM lightrag_make_search_indexes(kind, child, dims);
END $$;

-- Drops the partition and attaches `<partition>_next` under its name.
CREATE FUNCTION lightrag_swap_search_table(kind text, workspace bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text := 'search_' || kind;
    child text := parent || '_' || workspace;
    suffix text;
BEGIN
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, child);
    EXECUTE format('DROP TABLE %I', child);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', child || '_next', child);
    FOREACH suffix IN ARRAY ARRAY['_hnsw', '_bm25', '_gin', '_pkey'] LOOP
        EXECUTE format('ALTER INDEX IF EXISTS %I RENAME TO %I',
                       child || '_next' || suffix, child || suffix);
    END LOOP;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)',
                   parent, child, workspace);
END $$;

CREATE OR REPLACE FUNCTION lightrag_workspace_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kind text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
    FOREACH kind IN ARRAY ARRAY['chunk', 'entity', 'relation'] LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I, %I', 'search_' || kind || '_' || OLD.id,
                       'search_' || kind || '_' || OLD.id || '_next');
    END LOOP;
    PERFORM lightrag_drop_graph('workspace_' || OLD.id);
    RETURN NULL;
END $$;
