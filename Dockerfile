# syntax=docker/dockerfile:1
# The server in an image: small, without compilers, as a user who owns nothing.
#
#     docker build --tag apiserver .
#     docker build --tag apiserver:uwsgi --build-arg SERVER=uwsgi .
#
# SERVER is waitress, gunicorn, uwsgi or granian; DRIVER the extra in setup.py that
# brings the driver of the database.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
ARG SERVER=waitress
ARG DRIVER=postgresql
# Others of setup.py: s3, opentelemetry, dramatiq, with commas between them.
ARG EXTRAS=redis
# uWSGI alone has to be compiled.
RUN if [ "$SERVER" = uwsgi ]; then \
        apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev; \
    fi
RUN python -m venv /opt/apiserver/.venv
WORKDIR /build
# All that is fetched is pinned and compared with its hash: first what every server
# needs, then the other servers' packages, of which one is installed.
COPY requirements/runtime.txt requirements/servers.txt requirements/
RUN /opt/apiserver/.venv/bin/pip install --quiet --require-hashes --no-compile \
        -r requirements/runtime.txt \
    && /opt/apiserver/.venv/bin/pip download --quiet --require-hashes --no-deps \
        --no-build-isolation --dest packages -r requirements/servers.txt
COPY setup.py pyproject.toml MANIFEST.in README.md LICENSE ./
COPY apiserver apiserver
RUN /opt/apiserver/.venv/bin/pip install --quiet --no-index --find-links packages \
        --no-build-isolation --no-compile ".[$DRIVER,$EXTRAS,$SERVER]" \
    && /opt/apiserver/.venv/bin/pip uninstall --quiet --yes pip
COPY production.ini /opt/apiserver/
COPY migrations /opt/apiserver/migrations
COPY deploy/serve deploy/ready /opt/apiserver/deploy/
COPY deploy/stack2/uwsgi.ini /opt/apiserver/deploy/stack2/
RUN /opt/apiserver/.venv/bin/python -m compileall -q /opt/apiserver

FROM python:${PYTHON}
ARG SERVER=waitress
ENV SERVER=${SERVER} \
    ADDRESS=0.0.0.0:5000 \
    PATH=/opt/apiserver/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
COPY --from=build /opt/apiserver /opt/apiserver
WORKDIR /opt/apiserver
# A volume that is mounted here for the first time takes its owner from it.
RUN install --directory --owner=10001 --group=10001 --mode=0700 \
        /var/lib/apiserver/files
# Nobody of the host, and a number, which Kubernetes can compare with root's.
USER 10001:10001
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["deploy/ready"]
STOPSIGNAL SIGTERM
CMD ["deploy/serve"]
