-- Tables of a workspace, created and dropped with its row: three search partitions, and the
-- AGE graph if AGE is installed. Later migrations replace most of these functions; those in
-- use are in ../schema.sql.

CREATE FUNCTION lightrag_has(extension text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = extension)
$$;

CREATE FUNCTION lightrag_make_search_table(kind text, workspace bigint, dims int)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text := 'search_' || kind;
    child text := parent || '_' || workspace;
BEGIN
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s)',
                   child, parent, workspace);
    EXECUTE format('CREATE INDEX %I ON %I USING hnsw ((vector::halfvec(%s)) halfvec_cosine_ops)',
                   child || '_hnsw', child, dims);
    IF kind = 'relation' THEN
        RETURN;
    ELSIF lightrag_has('pg_textsearch') THEN
        EXECUTE format('CREATE INDEX %I ON %I USING bm25 (lexical) WITH (text_config = ''simple'')',
                       child || '_bm25', child);
    ELSE
        EXECUTE format('CREATE INDEX %I ON %I USING gin (to_tsvector(''simple'', lexical))',
                       child || '_gin', child);
    END IF;
END $$;

CREATE FUNCTION lightrag_make_graph(graph text) RETURNS void
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
BEGIN
    IF NOT lightrag_has('age') THEN
        RETURN;
    END IF;
    PERFORM ag_catalog.create_graph(graph::name);
    PERFORM ag_catalog.create_vlabel(graph::cstring, 'base');
    PERFORM ag_catalog.create_elabel(graph::cstring, 'DIRECTED');
    -- For `WHERE n.entity_id = 'x'`.
    EXECUTE format(
        'CREATE INDEX base_entity_id ON %I.base USING btree '
        '(ag_catalog.agtype_access_operator(VARIADIC ARRAY[properties, %L::ag_catalog.agtype]))',
        graph, '"entity_id"');
    -- Edges are updated and deleted by id; AGE indexes only the ids of vertices.
    EXECUTE format('CREATE UNIQUE INDEX directed_id ON %I."DIRECTED" (id)', graph);
END $$;

CREATE FUNCTION lightrag_drop_graph(graph text) RETURNS void
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
BEGIN
    IF lightrag_has('age') AND EXISTS (
        SELECT FROM ag_catalog.ag_graph WHERE name = graph::name
    ) THEN
        PERFORM ag_catalog.drop_graph(graph::name, true);
    END IF;
END $$;

CREATE FUNCTION lightrag_workspace_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two concurrent calls of create_graph fail, so they are serialized.
    PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
    PERFORM lightrag_make_search_table('chunk', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('entity', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_search_table('relation', NEW.id, NEW.embedding_dimensions);
    PERFORM lightrag_make_graph('workspace_' || NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION lightrag_workspace_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lightrag.workspaces'));
    EXECUTE format('DROP TABLE IF EXISTS %I, %I, %I', 'search_chunk_' || OLD.id,
                   'search_entity_' || OLD.id, 'search_relation_' || OLD.id);
    PERFORM lightrag_drop_graph('workspace_' || OLD.id);
    RETURN NULL;
END $$;

CREATE TRIGGER lightrag_workspace_inserted AFTER INSERT ON documents_workspace
FOR EACH ROW EXECUTE FUNCTION lightrag_workspace_inserted();
CREATE TRIGGER lightrag_workspace_deleted AFTER DELETE ON documents_workspace
FOR EACH ROW EXECUTE FUNCTION lightrag_workspace_deleted();
