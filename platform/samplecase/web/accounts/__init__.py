"""People and how they prove who they are: users, hashed scoped tokens, one-time links, and the audit log."""
