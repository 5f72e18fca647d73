"""Documents: intake, parsing, chunking, the ingestion pipeline, and deletion.

Tables of other apps are read anywhere, but changed with SQL only by these modules, in the
transaction that changes the documents' own rows:

- documents.workspaces.audit: graph_auditentry
- documents.pipeline.steps.extract: graph_chunkextraction
- documents.pipeline.steps.embed: graph_stagedchunk
- documents.pipeline.transitions: graph_stagedchunk, search_chunk
- documents.lifecycle.versions: graph_chunkextraction, graph_stagedchunk
- documents.lifecycle.row_deletion: graph_chunkextraction, graph_entity, graph_entityalias,
  graph_entitymention, graph_relation, graph_relationmention, graph_stagedchunk,
  retrieval_llmcache, search_chunk
- documents.importers.lightrag.merged_fields: graph_entity, graph_relation

In the other direction, retrieval.index.search_rows and retrieval.index.reembed update
documents_workspace.
"""
