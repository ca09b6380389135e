"""The doors to `portfolio.credentials`: a page of the settings and three addresses of the API."""
