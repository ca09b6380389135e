"""What does a power cut leave of a file? Its name too, once its folder was written through."""

import os
from pathlib import Path


def keep_names(folder: Path) -> None:
    """Have what was made, linked or renamed in the folder survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
