"""Runs the aws command for each line of JSON, without starting a process for each: its own main is called."""

import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver


drivers = {}


def driver(environment):
    """One for each caller: they are slow to make, and keep the credentials."""
    os.environ.update(environment)
    name = tuple(environment.values())
    if name not in drivers:
        drivers[name] = create_clidriver()
    return drivers[name]


def run(line):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = driver(line["environment"]).main(line["args"])
        except SystemExit as ended:
            status = ended.code
    return {"Status": status, "Out": out.getvalue(), "Err": err.getvalue()}


for text in sys.stdin:
    print(json.dumps(run(json.loads(text))), flush=True)
