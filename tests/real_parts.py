"""`python -m tests.real_parts COMMAND…`: a command with PostgreSQL and S3 in the place of SQLite and a folder.

The servers are started for it and end with it; the settings of the environment name them, as on a server of a user's.
Exits with 77, and says why, where one of them cannot be had.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.fixtures_postgres import NoPostgres, running_postgres
from tests.fixtures_s3 import NoS3, running_s3

ABSENT = 77


def main(command: list[str]) -> int:
    try:
        with running_postgres() as postgres, running_s3() as s3:
            chosen = {
                "SAMPLECASE_DATABASE_URL": postgres.new_database("samplecase"),
                "SAMPLECASE_BLOB_URL": s3.url("samplecase"),
            }
            return subprocess.run(command, env=os.environ | chosen, check=False).returncode
    except (NoPostgres, NoS3) as error:
        print(error)
        return ABSENT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
