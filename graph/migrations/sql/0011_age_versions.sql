-- Support of Apache AGE from 1.5 on: the argument types of its functions have changed from
-- `name` to `cstring`, and older versions create no indexes.

CREATE FUNCTION lightrag_index_label(label regclass, columns text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY columns LOOP
        IF NOT EXISTS (
            SELECT FROM pg_index i JOIN pg_attribute a
                ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = label AND a.attname = wanted
        ) THEN
            EXECUTE format('CREATE INDEX ON %s (%I)', label, wanted);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION lightrag_make_graph(graph text) RETURNS void
LANGUAGE plpgsql SET search_path = public, ag_catalog AS $$
BEGIN
    IF NOT lightrag_has('age') THEN
        RETURN;
    END IF;
    PERFORM ag_catalog.create_graph(graph::name);
    -- Literals are cast to the type of the parameter in each version.
    EXECUTE format('SELECT ag_catalog.create_vlabel(%L, %L)', graph, 'base');
    EXECUTE format('SELECT ag_catalog.create_elabel(%L, %L)', graph, 'DIRECTED');
    -- For `WHERE n.entity_id = 'x'`.
    EXECUTE format(
        'CREATE INDEX base_entity_id ON %I.base USING btree '
        '(ag_catalog.agtype_access_operator(VARIADIC ARRAY[properties, %L::ag_catalog.agtype]))',
        graph, '"entity_id"');
    -- Edges are updated and deleted by id; AGE indexes only the ids of vertices.
    EXECUTE format('CREATE UNIQUE INDEX directed_id ON %I."DIRECTED" (id)', graph);
    PERFORM lightrag_index_label(format('%I.base', graph)::regclass, ARRAY['id']);
    PERFORM lightrag_index_label(
        format('%I."DIRECTED"', graph)::regclass, ARRAY['start_id', 'end_id']);
END $$;
