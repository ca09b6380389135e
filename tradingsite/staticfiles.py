"""How are the browser's files served? Under names with their hash, kept by browsers for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage, which also writes the hashed names into scripts' imports."""

    support_js_module_import_aggregation = True
