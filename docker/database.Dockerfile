# PostgreSQL with vectors (pgvector) and graphs (Apache AGE), out of Debian's own packages.
# Without pg_textsearch, which Debian has not, words are searched by tsvector.
FROM debian:trixie-slim
# The ids are said, for volumes and Kubernetes' manifests know them by number. LLVM would
# compile queries, which is switched off, and is 150 MB of the image.
RUN groupadd --system --gid 102 postgres \
    && useradd --system --uid 100 --gid 102 --no-create-home \
        --home-dir /var/lib/postgresql --shell /bin/bash postgres \
    && apt-get update \
    && apt-get install --yes --no-install-recommends \
        postgresql-17 postgresql-17-pgvector postgresql-17-age \
    && rm -rf /var/lib/apt/lists/* /usr/lib/postgresql/17/lib/bitcode \
        /usr/lib/postgresql/17/lib/llvmjit* \
        /usr/lib/*/libLLVM* /usr/lib/*/libz3.so* \
    && pg_dropcluster --stop 17 main \
    && install --directory --owner postgres --mode 0700 /data
COPY docker/database-start /usr/local/bin/database-start
ENV PATH=/usr/lib/postgresql/17/bin:$PATH
USER postgres
VOLUME /data
EXPOSE 5432
# The fast shutdown: everything committed is kept.
STOPSIGNAL SIGINT
CMD ["database-start"]
