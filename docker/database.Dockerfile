# PostgreSQL with pgvector and Apache AGE from Debian packages.
FROM debian:trixie-slim
# Volumes and the Kubernetes manifests refer to these numeric ids. LLVM (150 MB) is only
# needed for JIT compilation, which is off.
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
COPY docker/database-roles.sql /usr/local/share/database-roles.sql
ENV PATH=/usr/lib/postgresql/17/bin:$PATH
USER postgres
VOLUME /data
EXPOSE 5432
# SIGINT requests the fast shutdown.
STOPSIGNAL SIGINT
CMD ["database-start"]
