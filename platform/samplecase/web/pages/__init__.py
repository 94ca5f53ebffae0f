"""What a browser asks for besides the API: the single page's shell, sign-in, one-time links, health."""
