# The image of a node, a worker or a command: the same for all; `docs/install.md` starts it with everything around it.
#
# Versions are exact and packages carry the hashes of uv.lock. Python is the one that every test runs on. The base may be
# any other that has it as `python`, with pip: a registry of your own, or a tag with its digest (`--build-arg PYTHON=…@sha256:…`).
ARG PYTHON=python:3.11.18-slim-bookworm

FROM ${PYTHON} AS builder
# Mirrors, for who has them; not set, these are PyPI's and npm's own.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
ARG NPM_CONFIG_REGISTRY
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /build
COPY deploy/image/uv.txt deploy/image/
RUN python -m pip install --no-cache-dir --no-deps --require-hashes --target /opt/uv -r deploy/image/uv.txt
ENV PATH=/opt/uv/bin:$PATH

# What changes seldom comes first. Without the project itself this layer is the same for every release with the same lock.
COPY pyproject.toml uv.lock README.md LICENSE NOTICE ./
RUN uv export --frozen --no-dev --extra otlp --no-emit-project --output-file /tmp/run.txt \
 && uv export --frozen --only-dev --no-emit-project --output-file /tmp/build.txt \
 && uv venv --python "$(command -v python)" /opt/consilium \
 && uv pip install --python /opt/consilium/bin/python --require-hashes --compile-bytecode --requirement /tmp/run.txt

# The page is built here, by the node that PyPI has and the packages of web/package-lock.json, into the wheel.
COPY hatch_build.py ./
COPY web web
COPY workspace workspace
COPY storage storage
COPY server server
RUN uv build --wheel --require-hashes --build-constraint /tmp/build.txt --out-dir /tmp/wheel \
 && uv pip install --python /opt/consilium/bin/python --no-deps --compile-bytecode /tmp/wheel/*.whl

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Consilium" \
      org.opencontainers.image.description="Clinicians write one medical case together, live." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=builder /opt/consilium /opt/consilium
# A number: Kubernetes must see that it is not root. A name would need a line in passwd, which nothing here reads.
RUN mkdir --mode=0700 /data && chown 10001:10001 /data
ENV PATH=/opt/consilium/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CONSILIUM_DATA=/data \
    CONSILIUM_HOST=0.0.0.0 \
    CONSILIUM_PORT=8000 \
    CONSILIUM_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# `serve` drains on it: flushes, acknowledges and closes every session. Give it CONSILIUM_DRAIN_SECONDS and five more.
STOPSIGNAL SIGTERM
# Whether it lives, not whether it is ready: what restarts the unhealthy must not restart it because PostgreSQL is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-I", "-c", "from urllib.request import urlopen as ask; ask('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["consilium"]
CMD ["serve"]
