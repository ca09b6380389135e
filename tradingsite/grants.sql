-- What may the app's role do? Everything ordinary, then less on the books. Run by the owner after every migrate.
GRANT USAGE ON SCHEMA public TO site_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO site_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO site_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM site_app;
