#!/bin/sh
# Makes the two roles and the database in a new container of the official PostgreSQL image.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" <<'SQL'
CREATE ROLE site_owner LOGIN CREATEDB PASSWORD :'owner';
CREATE ROLE site_app LOGIN PASSWORD :'app';
CREATE DATABASE site OWNER site_owner;
\connect site
ALTER SCHEMA public OWNER TO site_owner;
REVOKE ALL ON SCHEMA public FROM public;
GRANT USAGE ON SCHEMA public TO site_app;
SQL
