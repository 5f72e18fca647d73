-- Projection of the tables to the AGE graph of each workspace: statement triggers apply
-- each insert, update and delete to the graph in the same transaction, in bulk. A workspace
-- without a graph is skipped: graph.age.consistency creates it from the tables when Cypher is
-- first used, or when the workspace becomes large.
-- The id of a vertex is computed from the id of its entity (label 3, `base`), the id of an
-- edge from that of its relation (label 4, `DIRECTED`), so no lookup is needed.
-- graph.age.projection runs this file again where AGE was installed later.

CREATE OR REPLACE FUNCTION lightrag_vertex_id(entity bigint) RETURNS ag_catalog.graphid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ag_catalog._graphid(3, entity) $$;

CREATE OR REPLACE FUNCTION lightrag_edge_id(relation bigint) RETURNS ag_catalog.graphid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ag_catalog._graphid(4, relation) $$;

CREATE OR REPLACE FUNCTION lightrag_vertex(name text, type text, description text)
RETURNS ag_catalog.agtype LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ag_catalog.agtype_build_map(
        'entity_id', name, 'entity_type', type, 'description', description)
$$;

CREATE OR REPLACE FUNCTION lightrag_edge(description text, keywords text, weight float8)
RETURNS ag_catalog.agtype LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ag_catalog.agtype_build_map(
        'description', description, 'keywords', keywords, 'weight', weight)
$$;

-- Returns those of the workspaces that have a graph, each once.
CREATE OR REPLACE FUNCTION lightrag_with_graph(workspaces bigint[]) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT w.id FROM (SELECT DISTINCT unnest(workspaces) AS id) w
    JOIN ag_catalog.ag_graph g ON g.name = ('workspace_' || w.id)::name
$$;

CREATE OR REPLACE FUNCTION lightrag_entities_inserted() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM new_rows)) LOOP
        EXECUTE format(
            'INSERT INTO %I.base (id, properties) '
            'SELECT lightrag_vertex_id(id), lightrag_vertex(name, entity_type, description) '
            'FROM new_rows WHERE workspace_id = $1', 'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_entities_updated() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM new_rows)) LOOP
        EXECUTE format(
            'UPDATE %I.base v '
            'SET properties = lightrag_vertex(n.name, n.entity_type, n.description) '
            'FROM new_rows n JOIN old_rows o USING (id) '
            'WHERE v.id = lightrag_vertex_id(n.id) AND n.workspace_id = $1 '
            'AND (n.name, n.entity_type, n.description) '
            'IS DISTINCT FROM (o.name, o.entity_type, o.description)',
            'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_entities_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM old_rows)) LOOP
        EXECUTE format(
            'DELETE FROM %I.base WHERE id = ANY (ARRAY('
            'SELECT lightrag_vertex_id(id) FROM old_rows WHERE workspace_id = $1))',
            'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_relations_inserted() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM new_rows)) LOOP
        EXECUTE format(
            'INSERT INTO %I."DIRECTED" (id, start_id, end_id, properties) '
            'SELECT lightrag_edge_id(id), lightrag_vertex_id(source_id), '
            'lightrag_vertex_id(target_id), lightrag_edge(description, keywords, weight) '
            'FROM new_rows WHERE workspace_id = $1', 'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_relations_updated() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM new_rows)) LOOP
        EXECUTE format(
            'UPDATE %I."DIRECTED" e '
            'SET properties = lightrag_edge(n.description, n.keywords, n.weight), '
            'start_id = lightrag_vertex_id(n.source_id), '
            'end_id = lightrag_vertex_id(n.target_id) '
            'FROM new_rows n JOIN old_rows o USING (id) '
            'WHERE e.id = lightrag_edge_id(n.id) AND n.workspace_id = $1 '
            'AND (n.source_id, n.target_id, n.description, n.keywords, n.weight) '
            'IS DISTINCT FROM '
            '(o.source_id, o.target_id, o.description, o.keywords, o.weight)',
            'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION lightrag_relations_deleted() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT lightrag_with_graph(ARRAY(SELECT workspace_id FROM old_rows)) LOOP
        EXECUTE format(
            'DELETE FROM %I."DIRECTED" WHERE id = ANY (ARRAY('
            'SELECT lightrag_edge_id(id) FROM old_rows WHERE workspace_id = $1))',
            'workspace_' || workspace)
        USING workspace;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER lightrag_entities_inserted AFTER INSERT ON graph_entity
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_entities_inserted();
CREATE OR REPLACE TRIGGER lightrag_entities_updated AFTER UPDATE ON graph_entity
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_entities_updated();
CREATE OR REPLACE TRIGGER lightrag_entities_deleted AFTER DELETE ON graph_entity
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_entities_deleted();
CREATE OR REPLACE TRIGGER lightrag_relations_inserted AFTER INSERT ON graph_relation
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_relations_inserted();
CREATE OR REPLACE TRIGGER lightrag_relations_updated AFTER UPDATE ON graph_relation
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_relations_updated();
CREATE OR REPLACE TRIGGER lightrag_relations_deleted AFTER DELETE ON graph_relation
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lightrag_relations_deleted();
