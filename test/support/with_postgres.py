#!/usr/bin/python3
"""Runs a program with LINTEL_TEST_POSTGRES: the URL of an empty database on a server that lives as long as the program."""
import os
import subprocess
import sys

import rig

with rig.Postgres() as server:
    environment = {**os.environ, "LINTEL_TEST_POSTGRES": server.new_store()}
    sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)
