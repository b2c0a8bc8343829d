# One image for every role; compose.yaml says which command makes it which.
FROM node:24-slim AS pages
WORKDIR /frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.12-slim AS build
COPY requirements/base.lock /tmp/base.lock
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/base.lock

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOG_DIR=/logs
# A volume mounted on /logs takes over this owner, so that the roles may write there without being root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin fieldledger \
 && install --directory --owner=fieldledger --group=fieldledger /logs
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY project ./project
COPY sites ./sites
COPY mqtt_app ./mqtt_app
COPY tasks ./tasks
COPY --from=pages /frontend/dist ./frontend/dist
USER 10001
EXPOSE 8000
HEALTHCHECK NONE
CMD ["uvicorn", "project.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-proxy-headers", "--ws", "project.sockets:ImpatientWebSocket", "--ws-max-size", "65536"]
