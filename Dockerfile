# The app as an image: what is fetched is fetched in the first stage, the second needs no network and no compiler.
# Build: docker build -t jiqun .   Run: compose.yaml, or docs/operations.md.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/jiqun
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet -r requirements.txt
# browser libraries from locked npm packages; node comes as a wheel, into a folder that stays behind
COPY assets/requirements.txt assets/package.json assets/package-lock.json assets/
COPY geo geo
RUN .venv/bin/python -m pip install --quiet --target /opt/node -r assets/requirements.txt \
    && PYTHONPATH=/opt/node .venv/bin/python -m geo.web_assets
COPY app.py cli.py LICENSE README.md README.zh-CN.md CHANGELOG.md ./
COPY .streamlit .streamlit
COPY data data
COPY clusters clusters
COPY views views
COPY api api
RUN .venv/bin/python -m compileall -q -j 0 app.py cli.py geo data clusters views api \
    && .venv/bin/python -c "from geo.web_assets import check_fetched; check_fetched()"

FROM python:3.11-slim
LABEL org.opencontainers.image.title="Jiqun 集群图" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 jiqun \
    && useradd --system --uid 10001 --gid jiqun --home-dir /var/lib/jiqun --shell /usr/sbin/nologin jiqun \
    && install -d -o jiqun -g jiqun -m 0750 /var/lib/jiqun
COPY --from=build /opt/jiqun /opt/jiqun
WORKDIR /opt/jiqun
# the workspace is a folder in the volume, so that a restore can exchange it; the rest of the disk may be read-only
ENV PATH=/opt/jiqun/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp \
    JIQUN_HOME=/var/lib/jiqun/workspace JIQUN_HOST=0.0.0.0 JIQUN_PORT=8501 JIQUN_LOG_FORMAT=json
VOLUME /var/lib/jiqun
EXPOSE 8501
USER jiqun
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["python", "cli.py", "serve"]
