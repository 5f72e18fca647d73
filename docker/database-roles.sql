-- Roles, extensions and the database, as lightrag_site/running/database_roles.py creates
-- them in the embedded server. Run by psql as the superuser at each start, with the
-- variables owner, password and database.
DROP ROLE IF EXISTS setup;
SELECT format('CREATE ROLE %I LOGIN', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT 'CREATE ROLE lightrag_reader NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lightrag_reader') \gexec
ALTER ROLE :"owner" NOSUPERUSER PASSWORD :'password';
GRANT lightrag_reader TO :"owner" WITH INHERIT FALSE, SET TRUE;
GRANT SET ON PARAMETER temp_file_limit TO :"owner";
SELECT format('CREATE DATABASE %I TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

\connect :"database"
CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS age;
GRANT USAGE ON SCHEMA ag_catalog TO :"owner", lightrag_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA ag_catalog TO :"owner";

-- What the superuser of version 0.1.0 created, without members of extensions.
SET search_path = '';
WITH objects AS (
    SELECT 'pg_namespace'::regclass AS class, oid, 'SCHEMA' AS kind,
        quote_ident(nspname) AS name, nspowner AS owner
    FROM pg_namespace WHERE nspname <> 'public'
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid,
        CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        quote_ident(nspname) || '.' || quote_ident(relname), relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname !~ '^pg_' AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
            AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND relkind = 'S')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 'ROUTINE', oid::regprocedure::text, proowner
    FROM pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 'TYPE',
        quote_ident(nspname) || '.' || quote_ident(typname), typowner
    FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype IN ('d', 'e')
)
SELECT format('ALTER %s %s OWNER TO %I', kind, name, :'owner')
FROM objects
WHERE oid >= 16384 AND owner = 10 AND NOT EXISTS (
    SELECT FROM pg_depend WHERE classid = class AND objid = oid AND deptype = 'e') \gexec
ALTER DATABASE :"database" OWNER TO :"owner";
