-- The search tables until migration 0021, whose rows have been moved.
DROP TABLE IF EXISTS search_chunk_before_0021, search_entity_before_0021,
    search_relation_before_0021;
