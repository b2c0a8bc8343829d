# One image for every role; compose.yaml says which command makes it which.
FROM python:3.12-slim AS build
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/base.txt

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
USER 10001
EXPOSE 8000
CMD ["uvicorn", "project.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--ws-max-size", "65536"]
