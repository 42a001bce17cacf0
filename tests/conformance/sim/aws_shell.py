"""The aws command in one process, one line a call: [words...] in, [status, out, error] out, as JSON. It is a process of
its own because the command brings another botocore than the clients of the tests."""

import io
import json
import sys
import unittest.mock

import awscli.clidriver

driver = awscli.clidriver.create_clidriver()
answers = sys.stdout
for line in sys.stdin:
    out, error = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO()
    with unittest.mock.patch.object(sys, "stdout", out), unittest.mock.patch.object(sys, "stderr", error):
        try:
            status = driver.main(json.loads(line))
        except SystemExit as end:
            status = end.code
    out.seek(0)
    print(json.dumps([status, out.read(), error.getvalue()]), file=answers, flush=True)
