# Two images from one file: `web` (web, sweeper and migrations; without torch) and `worker` (with the models baked in).
#
#   docker build --target web    -t legation-web .
#   docker build --target worker -t legation-worker --build-arg PIP_EXTRA_INDEX_URL=… .
#
# The build argument names pip's index for the CPU build of torch; without it, gigabytes of CUDA come along.

FROM python:3.11-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/venv/bin:$PATH
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin legation

FROM base AS build
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
WORKDIR /build

# What changes rarely first: the layers of the dependencies outlive changes of the code.
FROM build AS web-build
COPY requirements-web.txt ./
RUN pip install -r requirements-web.txt
COPY pyproject.toml README.md ./
COPY seeds ./seeds
COPY service ./service
COPY workers ./workers
RUN rm -r workers/models && pip install --no-deps .

FROM build AS worker-build
COPY requirements-worker.txt ./
RUN pip install -r requirements-worker.txt
COPY pyproject.toml README.md ./
COPY seeds ./seeds
COPY service ./service
COPY workers ./workers
RUN pip install --no-deps .

FROM base AS web
COPY --from=web-build /opt/venv /opt/venv
USER 10001
# A folder without any package in it, so that nothing there can be taken for one.
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["gunicorn", "-c", "python:service.gunicorn_conf", "--bind", "0.0.0.0:8000", "service.wsgi:app"]

FROM base AS worker
# Debian keeps no older versions that could be pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends tesseract-ocr && rm -rf /var/lib/apt/lists/*
COPY --from=worker-build /opt/venv /opt/venv
# The values of workers/nlp/environment.py, which tells the reasons; a test compares them.
ENV MALLOC_MMAP_THRESHOLD_=4294967296 \
    MALLOC_TRIM_THRESHOLD_=8589934592 \
    MALLOC_TOP_PAD_=268435456 \
    THP_MEM_ALLOC_ENABLE=1 \
    OMP_NUM_THREADS=1
USER 10001
WORKDIR /tmp
HEALTHCHECK --interval=60s --timeout=15s --start-period=120s --retries=3 \
    CMD ["sh", "-c", "celery -A workers.celery_app inspect ping --destination worker@$HOSTNAME --timeout 5"]
# One process for each core that the container sees; give --concurrency where it may use fewer.
CMD ["celery", "-A", "workers.celery_app", "worker", "--hostname", "worker@%h", "--without-gossip", "--without-mingle"]
