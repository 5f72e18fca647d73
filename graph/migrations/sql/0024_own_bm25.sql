-- BM25 in SQL for all search indexes (docs/adr/0004-bm25-in-sql.md). The words of an index with
-- tables of its own are searched with a GIN index on `terms`, instead of an index of the
-- extension pg_textsearch, which lost rows in a crash of PostgreSQL.

DROP FUNCTION lightrag_bm25_recovery_reason();
DROP FUNCTION lightrag_bm25_load(regclass);
DROP FUNCTION lightrag_bm25_recover(oid, boolean);
DROP FUNCTION lightrag_bm25_mark_recovered();
DROP TABLE search_bm25_loaded;

-- The rows of all partitions have `terms` and `length`, the number of words.
DROP TRIGGER lightrag_set_terms ON search_chunk_shared;
DROP TRIGGER lightrag_set_terms ON search_entity_shared;
CREATE TRIGGER lightrag_set_terms BEFORE INSERT OR UPDATE OF lexical ON search_chunk
FOR EACH ROW EXECUTE FUNCTION lightrag_set_terms();
CREATE TRIGGER lightrag_set_terms BEFORE INSERT OR UPDATE OF lexical ON search_entity
FOR EACH ROW EXECUTE FUNCTION lightrag_set_terms();

-- Statistics of an index with tables of its own: number of rows and their average length, and
-- the share of the rows that contain a word. Words that a sample of 20,000 rows contains at
-- most twice have no row.
CREATE TABLE search_statistics (
    index_id bigint NOT NULL,
    kind text NOT NULL,
    rows float8 NOT NULL,
    length float8 NOT NULL,
    PRIMARY KEY (index_id, kind)
);
CREATE TABLE search_word (
    index_id bigint NOT NULL,
    kind text NOT NULL,
    word text NOT NULL,
    share float8 NOT NULL,
    PRIMARY KEY (index_id, kind, word)
);

-- Replaces the statistics of an analyzed partition. Locks no row that a writer or a question
-- uses.
CREATE FUNCTION lightrag_count_words(kind text, index bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    partition text := format('search_%s_%s', kind, index);
    total float8 := (SELECT reltuples FROM pg_class WHERE oid = partition::regclass);
    sample text := format('%I TABLESAMPLE SYSTEM (%s) REPEATABLE (1)', partition,
                          least(100, 100 * 20000 / greatest(total, 1)));
    sampled float8;
    mean float8;
BEGIN
    EXECUTE format('SELECT count(*), coalesce(avg(length), 1) FROM %s', sample) INTO sampled, mean;
    DELETE FROM search_statistics s WHERE s.index_id = index AND s.kind = $1;
    DELETE FROM search_word w WHERE w.index_id = index AND w.kind = $1;
    INSERT INTO search_statistics VALUES (index, kind, greatest(total, sampled), mean);
    INSERT INTO search_word
    SELECT index, $1, s.word, s.ndoc / sampled
    FROM ts_stat(format('SELECT terms FROM %s', sample)) s WHERE s.ndoc > 2;
END $$;

-- The words of a text, and how many rows contain each: by the statistics, or counted if a word
-- is too rare for them. The 64 rarest; words that no row contains are left out.
CREATE FUNCTION lightrag_words(kind text, index bigint, words text)
RETURNS TABLE (word text, containing float8) LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- Subqueries, which read one row of the primary key for each word.
    RETURN QUERY EXECUTE format(
        'SELECT * FROM (
            SELECT quote_literal(lexeme), coalesce(
                (SELECT w.share FROM search_word w
                WHERE w.index_id = $2 AND w.kind = $1 AND w.word = lexeme) * s.rows,
                (SELECT count(*)::float8 FROM (
                    SELECT FROM %I WHERE terms @@ quote_literal(lexeme)::tsquery LIMIT 1000) t))
            FROM search_statistics s,
                unnest(tsvector_to_array(to_tsvector(''simple'', $3))) lexeme
            WHERE s.index_id = $2 AND s.kind = $1 OFFSET 0
        ) words (word, containing)
        WHERE containing > 0 ORDER BY containing, word LIMIT 64',
        'search_' || kind || '_' || index)
    USING kind, index, words;
END $$;

-- Two queries for the rows whose scores are computed. The first finds about `wanted` rows that
-- contain the rarest words, or two or three of the rarer words together. Combinations are added
-- by the number of rows that are expected to contain them: words of a question occur together
-- more often than by chance, for which the factors 4 and 16 allow. The second query is the next
-- combination, if the first one finds few rows, and NULL otherwise. If there are no more than
-- `wanted` rows, the first query finds all that contain a word.
CREATE FUNCTION lightrag_candidates(
    words text[], containing float8[], rows float8, wanted float8
) RETURNS tsquery[] LANGUAGE sql IMMUTABLE AS $$
    WITH word AS (
        SELECT n, w AS query, c AS expected, c / $3 AS share
        FROM unnest($1, $2) WITH ORDINALITY AS u (w, c, n)
        WHERE n <= 3 OR n <= 6 AND c < $3 / 3
    ), combination AS (
        SELECT ARRAY[n] AS members, query, expected FROM word
        UNION ALL
        SELECT ARRAY[a.n, b.n], concat_ws(' & ', a.query, b.query),
            a.expected * least(1, 4 * b.share)
        FROM word a JOIN word b ON b.n > a.n
        UNION ALL
        SELECT ARRAY[a.n, b.n, c.n], concat_ws(' & ', a.query, b.query, c.query),
            a.expected * least(1, 16 * b.share * c.share)
        FROM word a JOIN word b ON b.n > a.n JOIN word c ON c.n > b.n
    ), added AS (
        SELECT *, sum(expected) OVER ordered AS total, row_number() OVER ordered AS number
        FROM combination
        WINDOW ordered AS (
            ORDER BY expected, cardinality(members), members ROWS UNBOUNDED PRECEDING)
    ), chosen AS (
        SELECT * FROM added WHERE total <= $4 OR number = 1
    ), following AS (
        SELECT query FROM added WHERE number = (SELECT max(number) FROM chosen) + 1
            AND (SELECT max(total) FROM chosen) < $4 / 2
    )
    SELECT CASE WHEN $3 <= $4 THEN ARRAY[array_to_string($1, ' | ')::tsquery, NULL] ELSE ARRAY[(
        SELECT string_agg(query, ' | ' ORDER BY number)::tsquery FROM chosen c
        WHERE NOT EXISTS (
            SELECT FROM chosen d WHERE d.members <@ c.members AND d.members <> c.members)
    ), (SELECT query::tsquery FROM following)] END
$$;

-- How often a word occurs. ts_rank of a single word of weight A that occurs n times is the sum
-- of 1/j² for j = 1 to n, divided by pi²/6. The sum is about pi²/6 - 1/(n + 0.5), which is
-- solved for n.
CREATE FUNCTION lightrag_frequency(terms tsvector, word tsquery) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
    SELECT round(1 / (pi() * pi() / 6 * (1 - ts_rank(terms, word))) - 0.5e0)
$$;

-- BM25 (k1 = 1.2, b = 0.75) of a word that `containing` of `rows` rows contain, and of a row
-- whose length is `length` times the average. Each argument occurs once, so that PostgreSQL
-- inlines the function.
CREATE FUNCTION lightrag_bm25(
    frequency float8, length float8, containing float8, rows float8
) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT ln((rows + 1) / (containing + 0.5e0))
        * 2.2e0 / (1 + 1.2e0 * (0.25e0 + 0.75e0 * length) / frequency)
$$;

-- lightrag_rank_chunks(index, text) and lightrag_rank_entities(index, text): the rows of a
-- shared index that contain a word of the text, with their scores, from the statistics of
-- this index alone. A copy of the terms (setweight) is decompressed once and not for each word.
DO $do$
DECLARE kind text; name text;
BEGIN
    FOR kind, name IN VALUES ('chunk', 'chunks'), ('entity', 'entities') LOOP
        EXECUTE format($sql$
            CREATE OR REPLACE FUNCTION lightrag_rank_%2$s(index bigint, words text)
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
                        SELECT number, lightrag_frequency(s.terms, word) AS frequency
                        FROM words WHERE s.terms @@ word OFFSET 0
                    ) o
                )
                SELECT id, sum(lightrag_bm25(frequency, length, containing, rows))
                FROM occurrences GROUP BY id
            $$
        $sql$, kind, name);
    END LOOP;
END $do$;

-- `terms` stays in the row, compressed, unless the row exceeds a page: reading it from the
-- TOAST table took 5.5 pages for each row.
CREATE OR REPLACE FUNCTION lightrag_make_search_table(kind text, index bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    parent text := 'search_' || kind;
    child text := parent || '_' || index;
BEGIN
    IF to_regclass(child) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
        IF kind <> 'relation' THEN
            EXECUTE format('ALTER TABLE %I ALTER terms SET STORAGE MAIN', child);
        END IF;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                       parent, child, index, index + 1);
    END IF;
END $$;

-- Each question reads the list of pending entries, so it is kept short (1 MB instead of 4).
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
    IF kind <> 'relation' THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I USING gin (terms)'
                       ' WITH (gin_pending_list_limit = 1024)', name || '_terms', name);
    END IF;
END $$;
